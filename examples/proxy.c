/*
 * proxy: a TCP proxy on two of liblvs's parts, the schedulers and the monitor,
 * and libev.
 *
 *	cc -o proxy proxy.c $(pkg-config --cflags --libs liblvs-director) -lev
 *	./proxy 203.0.113.1:80 10.0.0.1:80 10.0.0.2:80=3
 *
 * Each connection goes to the server that wlc picks and is copied both ways
 * through two buffers of fixed size; a full one stops reading from its side,
 * so a slow reader slows the sender down and costs no memory. The monitor
 * takes dead servers out. A server that fails a connection before it was sent
 * a byte is taken out at once, and the connection goes to another.
 *
 * Every wait is bounded: 3 seconds to connect, 60 without a byte.
 * Written for the public domain.
 */
#define _GNU_SOURCE /* accept4() */
#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <lvs/ev.h>
#include <lvs/lvs.h>

#define MOST_SERVERS 64
#define MOST_CONNS 8192
#define ROOM 16384
#define CONNECT_SECONDS 3.0
#define IDLE_SECONDS 60.0

struct server {
	struct lvs_dest *dest;
	struct lvs_check *check;
	char name[64];
};

/* One end of a connection, and what was read from it for the other. */
struct end {
	struct ev_io io; /* io.fd < 0: closed */
	int wanted;	 /* events that io waits for */
	size_t start, length;
	bool ended; /* nothing more will be read */
	bool shut;  /* nothing more will be written to it */
	char room[ROOM];
};

struct conn {
	struct end client, server;
	struct ev_timer timer;
	struct server *chosen;
	bool connecting;
	bool touched; /* a byte went to the server or came from it */
	uint32_t tries;
	struct conn *next, **link;
};

/* What the whole proxy has; one value, so that nothing is global. */
struct proxy {
	struct ev_loop *loop;
	struct lvs_service *service;
	struct lvs_monitor *monitor;
	struct lvs_ev *watch;
	struct ev_io listener;
	struct ev_timer pause; /* after accept() failed */
	struct server servers[MOST_SERVERS];
	uint32_t server_count;
	uint32_t conn_count;
	struct conn *conns;
};

static socklen_t make_sockaddr(struct sockaddr_storage *storage,
			       const struct lvs_addr *addr, uint16_t port)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};

	if (addr->family == LVS_IPV6) {
		v6.sin6_port = htons(port);
		memcpy(&v6.sin6_addr, addr->bytes, 16);
		memcpy(storage, &v6, sizeof(v6));
		return sizeof(v6);
	}
	v4.sin_port = htons(port);
	memcpy(&v4.sin_addr, addr->bytes, 4);
	memcpy(storage, &v4, sizeof(v4));
	return sizeof(v4);
}

static int tcp_socket(const struct sockaddr_storage *address)
{
	int on = 1;
	int fd = socket(address->ss_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* ---- servers */

/* The monitor has news: a dead server gets nothing new, a live one does. */
static void on_monitor(void *user, int result)
{
	struct proxy *proxy = user;
	struct lvs_check_event event;

	(void)result;
	while (lvs_monitor_pop_event(proxy->monitor, &event, sizeof(event)) ==
	       1) {
		struct server *s = &proxy->servers[event.user];

		lvs_dest_set(s->dest, LVS_DEST_DOWN,
			     event.state == LVS_CHECK_DOWN);
		fprintf(stderr, "proxy: %s %s: %s\n", s->name,
			lvs_check_state_name((int)event.state),
			lvs_check_cause_name((int)event.cause));
	}
}

/* A server failed a connection: it is down until the monitor says up. */
static void suspect(struct proxy *proxy, const struct server *server)
{
	lvs_monitor_force_down(proxy->monitor, server->check, lvs_ev_now());
	on_monitor(proxy, 0);
	lvs_ev_update(proxy->watch);
}

static struct server *pick(struct proxy *proxy)
{
	struct lvs_dest *dest;

	if (lvs_service_pick(proxy->service, &dest, NULL, lvs_ev_now()) < 0)
		return NULL;
	for (uint32_t i = 0; i < proxy->server_count; i++)
		if (proxy->servers[i].dest == dest)
			return lvs_dest_opened(dest) < 0 ? NULL
							 : &proxy->servers[i];
	return NULL;
}

/* ---- connections */

static void on_end(struct ev_loop *loop, struct ev_io *io, int events);

static void end_init(struct end *end, int fd)
{
	ev_io_init(&end->io, on_end, fd, 0);
}

static void close_end(struct proxy *proxy, struct end *end)
{
	if (end->io.fd < 0)
		return;
	ev_io_stop(proxy->loop, &end->io);
	close(end->io.fd);
	end->io.fd = -1;
}

static void leave_server(struct proxy *proxy, struct conn *conn)
{
	close_end(proxy, &conn->server);
	if (conn->chosen != NULL)
		lvs_dest_closed(conn->chosen->dest);
	conn->chosen = NULL;
}

static void end_conn(struct proxy *proxy, struct conn *conn)
{
	leave_server(proxy, conn);
	close_end(proxy, &conn->client);
	ev_timer_stop(proxy->loop, &conn->timer);
	*conn->link = conn->next;
	if (conn->next != NULL)
		conn->next->link = conn->link;
	free(conn);
	if (proxy->conn_count-- == MOST_CONNS)
		ev_io_start(proxy->loop, &proxy->listener);
}

/* Waits for these events of one end. */
static void want(struct proxy *proxy, struct end *end, int events)
{
	if (end->wanted == events)
		return;
	end->wanted = events;
	ev_io_stop(proxy->loop, &end->io);
	ev_io_set(&end->io, end->io.fd, events);
	if (events != 0)
		ev_io_start(proxy->loop, &end->io);
}

/* Begins to connect. 0, or an errno; what connect() says at once is ours,
 * except a refusal. */
static int begin_connect(struct end *end, const struct lvs_dest *dest)
{
	struct sockaddr_storage address;
	struct lvs_addr addr;
	socklen_t size;
	uint16_t port;
	int fd;

	lvs_dest_get_address(dest, &addr, &port);
	size = make_sockaddr(&address, &addr, port);
	fd = tcp_socket(&address);
	if (fd < 0)
		return errno;
	memset(end, 0, offsetof(struct end, room));
	end_init(end, fd);
	if (connect(fd, (struct sockaddr *)&address, size) == 0 ||
	    errno == EINPROGRESS)
		return 0;
	return errno;
}

/* Sends the connection to a server, to another if one refuses at once. */
static int choose(struct proxy *proxy, struct conn *conn)
{
	int error = ECONNREFUSED;

	while (error == ECONNREFUSED && conn->tries++ < proxy->server_count) {
		leave_server(proxy, conn);
		conn->chosen = pick(proxy);
		if (conn->chosen == NULL)
			return -1;
		error = begin_connect(&conn->server, conn->chosen->dest);
		if (error == ECONNREFUSED)
			suspect(proxy, conn->chosen);
	}
	if (error != 0)
		return -1;
	conn->server.io.data = conn;
	conn->connecting = true;
	want(proxy, &conn->client, 0);
	want(proxy, &conn->server, EV_WRITE);
	conn->timer.repeat = CONNECT_SECONDS;
	ev_timer_again(proxy->loop, &conn->timer);
	return 0;
}

/* The server's end broke: on to another server, if that can be hidden. */
static void server_failed(struct proxy *proxy, struct conn *conn)
{
	if (!conn->touched) {
		suspect(proxy, conn->chosen);
		if (choose(proxy, conn) == 0)
			return;
	}
	end_conn(proxy, conn);
}

/* Reads into an empty buffer. False: the end broke. */
static bool fill(struct end *from)
{
	ssize_t n;

	if (from->ended || from->length > 0)
		return true;
	n = read(from->io.fd, from->room, ROOM);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	from->start = 0;
	from->length = (size_t)n;
	from->ended = n == 0;
	return true;
}

/* Writes what is in the buffer, and its end after it. False: it broke. */
static bool drain(struct end *from, struct end *to)
{
	ssize_t n;

	if (from->length > 0) {
		n = send(to->io.fd, from->room + from->start, from->length,
			 MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		from->start += (size_t)n;
		from->length -= (size_t)n;
	}
	if (from->ended && from->length == 0 && !to->shut) {
		shutdown(to->io.fd, SHUT_WR);
		to->shut = true;
	}
	return true;
}

/* What an end is waited for: room to fill, or bytes for it. */
static int interest(const struct end *end, const struct end *other)
{
	int events = 0;

	if (!end->ended && end->length == 0)
		events |= EV_READ;
	if (other->length > 0)
		events |= EV_WRITE;
	return events;
}

/* Copies both ways what can be copied now. */
static void move(struct proxy *proxy, struct conn *conn)
{
	struct end *client = &conn->client;
	struct end *server = &conn->server;
	bool client_well = fill(client);
	bool server_well = fill(server) && drain(client, server);

	if (client->start > 0 || server->length > 0)
		conn->touched = true;
	if (client_well && !server_well) {
		server_failed(proxy, conn);
		return;
	}
	if (!client_well || !drain(server, client) ||
	    (client->shut && server->shut)) {
		end_conn(proxy, conn);
		return;
	}
	want(proxy, client, interest(client, server));
	want(proxy, server, interest(server, client));
	ev_timer_again(proxy->loop, &conn->timer);
}

static void on_end(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct proxy *proxy = ev_userdata(loop);
	struct conn *conn = io->data;
	socklen_t size = sizeof(int);
	int error = 0;

	(void)events;
	if (conn->connecting) {
		getsockopt(io->fd, SOL_SOCKET, SO_ERROR, &error, &size);
		if (error != 0) {
			server_failed(proxy, conn);
			return;
		}
		conn->connecting = false;
		conn->timer.repeat = IDLE_SECONDS;
	}
	move(proxy, conn);
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct proxy *proxy = ev_userdata(loop);
	struct conn *conn = timer->data;

	(void)events;
	if (conn->connecting)
		server_failed(proxy, conn);
	else
		end_conn(proxy, conn);
}

static void begin_conn(struct proxy *proxy, int fd)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL) {
		close(fd);
		return;
	}
	end_init(&conn->client, fd);
	end_init(&conn->server, -1);
	ev_init(&conn->timer, on_timer);
	conn->client.io.data = conn;
	conn->timer.data = conn;
	conn->link = &proxy->conns;
	conn->next = proxy->conns;
	if (conn->next != NULL)
		conn->next->link = &conn->next;
	proxy->conns = conn;
	if (++proxy->conn_count == MOST_CONNS)
		ev_io_stop(proxy->loop, &proxy->listener);
	if (choose(proxy, conn) < 0)
		end_conn(proxy, conn);
}

static void on_listener(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct proxy *proxy = ev_userdata(loop);
	int on = 1, fd;

	(void)events;
	for (int i = 0; i < 64 && proxy->conn_count < MOST_CONNS; i++) {
		fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && errno != EAGAIN && errno != ECONNABORTED) {
			/* no descriptors: not at once again */
			ev_io_stop(loop, io);
			ev_timer_again(loop, &proxy->pause);
		}
		if (fd < 0)
			return;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		begin_conn(proxy, fd);
	}
}

static void on_pause(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct proxy *proxy = ev_userdata(loop);

	(void)events;
	ev_timer_stop(loop, timer);
	if (proxy->conn_count < MOST_CONNS)
		ev_io_start(loop, &proxy->listener);
}

static void on_signal(struct ev_loop *loop, struct ev_signal *signal,
		      int events)
{
	(void)signal;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

/* ---- start and end */

/* "10.0.0.1:80" or "10.0.0.1:80=3": a dest, and a check for it. */
static int add_server(struct proxy *proxy, const char *text)
{
	struct server *s = &proxy->servers[proxy->server_count];
	const char *equals = strchr(text, '=');
	size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);
	unsigned long weight = 1;
	struct lvs_addr addr;
	char *end = NULL;
	uint16_t port;
	int error;

	if (proxy->server_count == MOST_SERVERS || length >= sizeof(s->name))
		return -EINVAL;
	memcpy(s->name, text, length);
	if (equals != NULL)
		weight = strtoul(equals + 1, &end, 10);
	if (lvs_endpoint_parse(&addr, &port, s->name) < 0 || port == 0 ||
	    weight > INT32_MAX || (end != NULL && *end != '\0'))
		return -EINVAL;
	error = lvs_service_add_dest(proxy->service, &s->dest, &addr, port,
				     (uint32_t)weight);
	if (error < 0)
		return error;
	error = lvs_check_new(&s->check, "tcp");
	if (error < 0)
		return error;
	lvs_check_set_target(s->check, &addr, port);
	lvs_check_set(s->check, LVS_CHECK_INTERVAL, 1000);
	lvs_check_set(s->check, LVS_CHECK_TIMEOUT, 1000);
	lvs_check_set(s->check, LVS_CHECK_RETRY, 200);
	lvs_check_set(s->check, LVS_CHECK_START_UP, 1);
	error = lvs_monitor_add_check(proxy->monitor, s->check,
				      proxy->server_count, lvs_ev_now());
	if (error < 0)
		lvs_check_free(s->check);
	else
		proxy->server_count++;
	return error;
}

static int listen_at(struct proxy *proxy, const char *text)
{
	struct sockaddr_storage address;
	struct lvs_addr addr;
	socklen_t size;
	uint16_t port;
	int fd, on = 1;

	if (lvs_endpoint_parse(&addr, &port, text) < 0 || port == 0)
		return -EINVAL;
	size = make_sockaddr(&address, &addr, port);
	fd = tcp_socket(&address);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ev_io_init(&proxy->listener, on_listener, fd, EV_READ);
	if (bind(fd, (struct sockaddr *)&address, size) < 0 ||
	    listen(fd, 1024) < 0)
		return -errno;
	ev_io_start(proxy->loop, &proxy->listener);
	return 0;
}

static int start(struct proxy *proxy, int argc, char **argv)
{
	const char *what = "start";
	int error = lvs_service_new(&proxy->service);

	if (error == 0)
		error = lvs_service_set_sched(proxy->service, "wlc");
	if (error == 0)
		error = lvs_monitor_new(&proxy->monitor);
	for (int i = 2; error == 0 && i < argc; i++)
		error = add_server(proxy, what = argv[i]);
	if (error == 0)
		error = listen_at(proxy, what = argv[1]);
	if (error == 0)
		error = lvs_ev_attach_monitor(&proxy->watch, proxy->loop,
					      proxy->monitor, on_monitor,
					      proxy);
	if (error < 0)
		fprintf(stderr, "proxy: %s: %s\n", what, lvs_strerror(error));
	return error;
}

static void finish(struct proxy *proxy)
{
	while (proxy->conns != NULL)
		end_conn(proxy, proxy->conns);
	if (proxy->listener.fd >= 0)
		close(proxy->listener.fd);
	lvs_ev_free(proxy->watch);
	lvs_monitor_free(proxy->monitor);
	lvs_service_free(proxy->service);
	ev_loop_destroy(proxy->loop);
}

int main(int argc, char **argv)
{
	static struct proxy proxy = {.listener = {.fd = -1}};
	struct ev_signal interrupt, terminate;
	bool help = argc > 1 && strcmp(argv[1], "--help") == 0;
	int error;

	if (argc < 3 || help) {
		fputs("usage: proxy LISTEN:PORT SERVER:PORT[=WEIGHT]...\n",
		      help ? stdout : stderr);
		return help ? 0 : 2;
	}
	proxy.loop = ev_default_loop(0);
	if (proxy.loop == NULL)
		return 2;
	ev_set_userdata(proxy.loop, &proxy);
	ev_timer_init(&proxy.pause, on_pause, 0.0, 0.1);
	ev_signal_init(&interrupt, on_signal, SIGINT);
	ev_signal_init(&terminate, on_signal, SIGTERM);
	ev_signal_start(proxy.loop, &interrupt);
	ev_signal_start(proxy.loop, &terminate);
	error = start(&proxy, argc, argv);
	if (error == 0)
		ev_run(proxy.loop, 0);
	finish(&proxy);
	return error == 0 ? 0 : 2;
}
