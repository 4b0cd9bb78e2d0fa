#!/usr/bin/python3
# How the library lives in somebody's process: it makes no thread, takes no
# signal, starts nothing, under a loop that is the caller's own; and three
# copies of it, two of them loaded, do not meet.

import re
import shutil
import sys

from common import BUILD, CC, TOP, Tap, libraries, output, run, scratch

LOOP = r"""
#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <lvs/lvs.h>

/* A monitor and, where it may be opened, a backend, under poll(2). */
int main(int argc, char **argv)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t size = sizeof(in);
	int server = socket(AF_INET, SOCK_STREAM, 0), ups = 0;
	struct lvs_claim claim = {LVS_CLAIM_VIRTUAL, LVS_UDP, 0, 53, {0}};
	struct lvs_balancer *balancer;
	struct lvs_backend *backend;
	struct lvs_monitor *monitor;
	struct lvs_packet packets[64];
	struct lvs_check_event event;
	struct lvs_check *check;
	struct lvs_addr addr;
	uint64_t now = 1000;
	char message[256] = "";
	int opened;

	(void)argc;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(server, (struct sockaddr *)&in, size);
	listen(server, 16);
	getsockname(server, (struct sockaddr *)&in, &size);
	sched_yield(); /* the library begins here */
	lvs_addr_parse(&addr, "127.0.0.1");
	if (lvs_monitor_new(&monitor) < 0 || lvs_check_new(&check, "tcp") < 0)
		return 1;
	lvs_check_set_target(check, &addr, ntohs(in.sin_port));
	lvs_check_set(check, LVS_CHECK_INTERVAL, 10);
	lvs_check_set(check, LVS_CHECK_JITTER, 0);
	lvs_monitor_add_check(monitor, check, 1, now);
	lvs_balancer_new(&balancer, 1024, 0);
	lvs_balancer_commit(balancer);
	lvs_backend_new(&backend, "raw");
	lvs_backend_set(backend, LVS_BACKEND_FRAMES, 16);
	lvs_backend_add_interface(backend, argv[1]);
	opened = lvs_backend_open(backend, message, sizeof(message)) == 0;
	lvs_addr_parse(&claim.addr, "192.0.2.77");
	if (opened)
		lvs_backend_claim(backend, &claim, 1, message,
				  sizeof(message));
	for (int i = 0; i < 100; i++, now += 2) {
		struct lvs_lane *lane = lvs_backend_lane(backend, 0);
		struct pollfd fds[3] = {
			{.fd = lvs_monitor_fd(monitor), .events = POLLIN},
			{.fd = lvs_backend_fd(backend), .events = POLLIN},
			{.fd = lvs_lane_fd(lane), .events = POLLIN}};
		int n;

		poll(fds, opened ? 3 : 1, 2);
		lvs_monitor_dispatch(monitor, now, 0);
		while (lvs_monitor_pop_event(monitor, &event,
					     sizeof(event)) == 1)
			ups += event.state == LVS_CHECK_UP;
		if (!opened)
			continue;
		lvs_backend_dispatch(backend, now, 0);
		n = lvs_lane_recv(lane, packets, 64, now);
		if (n > 0) {
			lvs_balancer_batch(balancer, packets, (size_t)n, now);
			lvs_lane_send(lane, packets, (size_t)n, now);
		}
	}
	lvs_backend_free(backend);
	lvs_balancer_free(balancer);
	lvs_monitor_free(monitor);
	sched_yield(); /* and ends here */
	printf("up %d, backend %d %s\n", ups, opened, message);
	return 0;
}
"""

COPIES = r"""
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <lvs/lvs.h>

/* The functions of one copy. */
struct copy {
	int (*add)(struct lvs_table *, uint64_t *, const struct lvs_flow *,
		   uint64_t);
	int (*new)(struct lvs_table **, uint32_t, uint32_t);
	uint32_t (*count)(const struct lvs_table *);
	void (*free)(struct lvs_table *);
	const char *(*version)(void);
	struct lvs_table *table;
};

static int load(struct copy *copy, const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL)
		return puts(dlerror()), -1;
	*(void **)&copy->new = dlsym(library, "lvs_table_new");
	*(void **)&copy->add = dlsym(library, "lvs_table_add");
	*(void **)&copy->count = dlsym(library, "lvs_table_count");
	*(void **)&copy->free = dlsym(library, "lvs_table_free");
	*(void **)&copy->version = dlsym(library, "lvs_version");
	return 0;
}

int main(int argc, char **argv)
{
	struct copy copies[3] = {{lvs_table_add, lvs_table_new,
				  lvs_table_count, lvs_table_free,
				  lvs_version, NULL}};
	struct lvs_flow flow = {.family = LVS_IPV4, .protocol = LVS_UDP,
				.method = LVS_DR, .virtual_port = 53,
				.dest_port = 53};
	uint64_t conn;

	if (argc != 3 || load(&copies[1], argv[1]) < 0 ||
	    load(&copies[2], argv[2]) < 0)
		return 1;
	if (copies[1].new == copies[2].new || copies[0].new == copies[1].new)
		return puts("one copy only"), 1;
	for (int i = 0; i < 3; i++)
		if (copies[i].new(&copies[i].table, 1000, 0) < 0 ||
		    strcmp(copies[i].version(), lvs_version()) != 0)
			return puts("new"), 1;
	for (uint32_t n = 0; n < 60; n++)
		for (int i = 0; i < 3; i++) {
			flow.client_port = n + 1;
			if (n % (uint32_t)(i + 1) == 0 &&
			    copies[i].add(copies[i].table, &conn, &flow, 1) < 0)
				return puts("add"), 1;
		}
	for (int i = 0; i < 3; i++)
		printf("%u ", copies[i].count(copies[i].table));
	for (int i = 0; i < 3; i++)
		copies[i].free(copies[i].table);
	return 0;
}
"""

# What a library that owns no thread and no signal does not call.
NEVER = re.compile(
    r"\b(clone3?|fork|vfork|execve(at)?|rt_sig\w+|sigaltstack|signalfd4?|"
    r"timer_\w+|timerfd_\w+|setitimer|alarm|pause|kill|tgkill|tkill|"
    r"nanosleep|clock_nanosleep|prctl|ptrace|setuid|setgid|chdir|umask|"
    r"exit|exit_group|io_uring_\w+)\(")


def compile_program(folder, name, text, *words):
    with open(f"{folder}/{name}.c", "w", encoding="utf-8") as file:
        file.write(text)
    output(*CC.split(), "-w", "-O1", f"-I{TOP}/include", f"{folder}/{name}.c",
           "-o", f"{folder}/{name}", *words)
    return f"{folder}/{name}"


def own_network():
    """Words before a command that give it a network of its own, or []."""
    for words in (["unshare", "-n"], ["unshare", "-Urn"]):
        if shutil.which("unshare") and run(*words, "true").returncode == 0:
            return words
    return []


def calls(tap, folder):
    fact = "a caller's own loop: no thread, no signal, no process, no timer"
    if not shutil.which("strace"):
        tap.skip(fact, "needs strace: apt install strace")
        return
    program = compile_program(folder, "loop", LOOP, f"-L{BUILD}/.libs",
                              "-llvs", f"-Wl,-rpath,{BUILD}/.libs")
    words = own_network()
    script = 'ip link set lo up; exec strace -f -o "$1" "$2" lo'
    done = run(*words, "sh", "-c", script if words else
               script.split("; ", 1)[1], "sh", f"{folder}/calls", program)
    if "PTRACE" in done.stdout or done.returncode != 0:
        tap.skip(fact, "strace is not permitted here: " +
                 done.stdout.strip()[:80])
        return
    with open(f"{folder}/calls", encoding="utf-8") as file:
        lines = file.read().split("sched_yield()")
    tap.ok(len(lines) == 3 and "up 1" in done.stdout,
           "it ran, and a check went up", done.stdout)
    bad = [line for line in lines[1].splitlines() if NEVER.search(line)]
    tap.ok(not bad, fact, "\n".join(bad[:5]))
    tap.ok(len({line.split()[0] for line in lines[1].splitlines()
                if re.match(r"\d+ ", line)}) == 1, "one thread made them all")
    opens = [line for line in lines[1].splitlines()
             if re.search(r"\b(socket|epoll_create1|eventfd2|accept4|open(at)?)"
                          r"\(", line) and "CLOEXEC" not in line]
    tap.ok(not opens, "every descriptor is opened CLOEXEC",
           "\n".join(opens[:5]))
    if "backend 1" in done.stdout:
        tap.ok("AF_PACKET" in lines[1], "with the raw backend open")
    else:
        tap.skip("with the raw backend open", "it may not be opened here: " +
                 done.stdout.strip()[-80:])


def copies(folder):
    shutil.copy(libraries()["liblvs"], f"{folder}/first.so")
    shutil.copy(libraries()["liblvs"], f"{folder}/second.so")
    static = [f"{BUILD}/.libs/liblvs.a"] + output(
        "pkg-config", "--libs", "libmnl", "libnftnl").split()
    program = compile_program(folder, "copies", COPIES, *static, "-ldl")
    told = output(program, f"{folder}/first.so", f"{folder}/second.so")
    if told.split() != ["60", "30", "20"]:
        raise AssertionError(told)


def main():
    tap = Tap()
    with scratch() as folder:
        calls(tap, folder)
        tap.check("an archive and two loaded copies live in one process",
                  copies, folder)
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
