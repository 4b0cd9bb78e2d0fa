/*
 * A network namespace of the test's own, for tests that need privileges: a
 * cable with the ends "one" (10.77.0.1/24) and "two".
 */
#ifndef TESTS_NETWORK_H
#define TESTS_NETWORK_H

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

/*
 * False: there are no namespaces, or no ip, here. libcheck has no word for a
 * fact that was left out; tests/net has scripts that say what is missing.
 */
static inline bool own_network(void)
{
	if (unshare(CLONE_NEWNET) < 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	return system("exec 2>/dev/null; PATH=$PATH:/sbin:/usr/sbin; "
		      "ip link set lo up && "
		      "ip link add one type veth peer name two && "
		      "ip addr add 10.77.0.1/24 dev one && "
		      "ip link set one address 02:00:00:00:00:01 && "
		      "ip link set one up && ip link set two up && "
		      "ip neigh add 10.77.0.9 lladdr 02:00:00:00:00:09 "
		      "dev one nud permanent") == 0;
}

#endif
