/*
 * affinity: the connection table alone. Remembers which server a client's
 * connection belongs to, for a proxy of your own.
 *
 *	cc -o affinity affinity.c $(pkg-config --cflags --libs liblvs)
 *	./affinity SERVER:PORT... < flows
 *
 * Each line of the input is one packet of a client:
 *
 *	192.0.2.7:1234 203.0.113.1:80		a packet that goes on
 *	192.0.2.7:1234 203.0.113.1:80 fin	one that says good-bye
 *	+120					two minutes pass
 *
 * No packet is sent and nobody waits: flows go in, handles come out, and time
 * is what we say. Written for the public domain.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lvs/lvs.h>

#define MOST_SERVERS 64
#define MOST_CONNS 65536

struct server {
	struct lvs_addr addr;
	uint16_t port;
};

static struct server servers[MOST_SERVERS];
static uint32_t server_count;

static int read_servers(char **names, int count)
{
	if (count < 1 || count > MOST_SERVERS)
		return -EINVAL;
	for (int i = 0; i < count; i++) {
		struct server *s = &servers[server_count++];

		if (lvs_endpoint_parse(&s->addr, &s->port, names[i]) < 0 ||
		    s->port == 0)
			return -EINVAL;
	}
	return 0;
}

/* The next server in turn that speaks the client's family, or NULL. */
static const struct server *next_server(uint32_t family)
{
	static uint32_t turn;

	for (uint32_t tries = 0; tries < server_count; tries++) {
		const struct server *s = &servers[turn++ % server_count];

		if (s->addr.family == family)
			return s;
	}
	return NULL;
}

static int introduce(struct lvs_table *table, uint64_t *conn,
		     const struct lvs_addr *client, uint16_t client_port,
		     const struct lvs_addr *virtual_addr, uint16_t virtual_port,
		     uint64_t now)
{
	const struct server *s = next_server(client->family);
	struct lvs_flow flow = {
		.family = client->family,
		.protocol = LVS_TCP,
		.method = LVS_DR, /* answers do not come through us */
		.client_port = client_port,
		.virtual_port = virtual_port,
	};

	if (s == NULL)
		return -EAFNOSUPPORT;
	flow.dest_port = s->port;
	memcpy(flow.client, client->bytes, 16);
	memcpy(flow.virtual_addr, virtual_addr->bytes, 16);
	memcpy(flow.dest, s->addr.bytes, 16);
	return lvs_table_add(table, conn, &flow, now);
}

static void tell(const char *what, const struct lvs_flow *flow)
{
	struct lvs_addr client = {.family = flow->family};
	struct lvs_addr dest = {.family = flow->family};
	char from[64], to[64];

	memcpy(client.bytes, flow->client, 16);
	memcpy(dest.bytes, flow->dest, 16);
	lvs_endpoint_format(&client, (uint16_t)flow->client_port, from,
			    sizeof(from));
	lvs_endpoint_format(&dest, (uint16_t)flow->dest_port, to, sizeof(to));
	printf("%-7s %s -> %s, %s until %" PRIu64 " s\n", what, from, to,
	       lvs_state_name((int)flow->state), flow->expires / 1000);
}

/* One packet of a client, by its two endpoints and its TCP flags. */
static int packet(struct lvs_table *table, const char *from, const char *to,
		  uint32_t flags, uint64_t now)
{
	struct lvs_addr client, virtual_addr;
	uint16_t client_port, virtual_port;
	const char *what = "known";
	struct lvs_flow flow;
	uint64_t conn;
	int error;

	if (lvs_endpoint_parse(&client, &client_port, from) < 0 ||
	    lvs_endpoint_parse(&virtual_addr, &virtual_port, to) < 0)
		return -EINVAL;
	error = lvs_table_find(table, &conn, NULL, &client, client_port,
			       &virtual_addr, virtual_port, LVS_TCP, now);
	if (error == -ENOENT) {
		what = "new";
		flags |= LVS_TCP_SYN;
		error = introduce(table, &conn, &client, client_port,
				  &virtual_addr, virtual_port, now);
	}
	if (error < 0)
		return error;
	lvs_table_touch(table, conn, LVS_FROM_CLIENT, flags, now);
	error = lvs_table_get(table, &flow, sizeof(flow), conn, now);
	if (error == 0)
		tell(what, &flow);
	return error;
}

static int line(struct lvs_table *table, const char *text, uint64_t *now)
{
	char from[64], to[64], word[8] = "";
	unsigned int seconds;
	int ended;

	if (sscanf(text, "+%9u", &seconds) == 1) {
		*now += seconds * 1000ull;
		ended = lvs_table_expire(table, *now, UINT32_MAX);
		printf("%-7s %" PRIu64 " s, %d ended\n", "time", *now / 1000,
		       ended);
		return 0;
	}
	if (sscanf(text, "%63s %63s %7s", from, to, word) < 2)
		return -EINVAL;
	return packet(table, from, to,
		      strcmp(word, "fin") == 0 ? LVS_TCP_FIN | LVS_TCP_ACK
					       : LVS_TCP_ACK,
		      *now);
}

int main(int argc, char **argv)
{
	struct lvs_table *table;
	struct lvs_flow flow;
	uint64_t now = 0, cursor = 0;
	char text[256];
	int error, number = 0, result = 0;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		puts("usage: affinity SERVER:PORT... < flows\n"
		     "A line is \"CLIENT:PORT VIRTUAL:PORT [fin]\", or "
		     "\"+SECONDS\" to let time pass.");
		return 0;
	}
	if (read_servers(argv + 1, argc - 1) < 0) {
		fprintf(stderr,
			"affinity: give 1 to %d servers as "
			"ADDRESS:PORT\n",
			MOST_SERVERS);
		return 2;
	}
	error = lvs_table_new(&table, MOST_CONNS, 0);
	if (error < 0) {
		fprintf(stderr, "affinity: %s\n", lvs_strerror(error));
		return 2;
	}
	while (fgets(text, sizeof(text), stdin) != NULL) {
		number++;
		if (text[0] == '\n' || text[0] == '#')
			continue;
		error = line(table, text, &now);
		if (error < 0) {
			fprintf(stderr, "affinity: line %d: %s\n", number,
				lvs_strerror(error));
			result = 1;
		}
	}
	while (lvs_table_next(table, &cursor, &flow, sizeof(flow), now) == 1)
		tell("kept", &flow);
	lvs_table_free(table);
	return result;
}
