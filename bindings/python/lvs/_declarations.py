"""liblvs as C declares it; made by generate.py, not by hand."""

TEXT = """\
enum lvs_family {
	LVS_FAMILY_NONE = 0,
	LVS_IPV4 = 4,
	LVS_IPV6 = 6
};
enum lvs_protocol {
	LVS_TCP = 6,
	LVS_UDP = 17,
	LVS_SCTP = 132
};
enum lvs_tcp_flag {
	LVS_TCP_FIN = 1,
	LVS_TCP_SYN = 2,
	LVS_TCP_RST = 4,
	LVS_TCP_ACK = 16
};
enum lvs_method {
	LVS_NAT = 1,
	LVS_DR = 2,
	LVS_TUNNEL = 3,
	LVS_LOCAL = 4
};
enum lvs_log_level {
	LVS_LOG_ERROR = 3,
	LVS_LOG_WARNING = 4,
	LVS_LOG_NOTICE = 5,
	LVS_LOG_INFO = 6,
	LVS_LOG_DEBUG = 7
};
const char *lvs_version(void);
const char *lvs_strerror(int error);
struct lvs_addr {
	uint32_t family;
	uint8_t bytes[16];
};
int lvs_addr_parse(struct lvs_addr *addr, const char *text);
int lvs_addr_format(const struct lvs_addr *addr, char *text, size_t size);
int lvs_endpoint_parse(struct lvs_addr *addr, uint16_t *port, const char *text);
int lvs_endpoint_format(const struct lvs_addr *addr, uint16_t port, char *text,
			size_t size);
struct lvs_service;
struct lvs_dest;
enum lvs_service_option {
	LVS_SERVICE_EXPIRE_NODEST = 1
};
enum lvs_dest_option {
	LVS_DEST_WEIGHT = 1,
	LVS_DEST_METHOD = 2,
	LVS_DEST_UPPER = 3,
	LVS_DEST_LOWER = 4,
	LVS_DEST_DRAIN = 5,
	LVS_DEST_DOWN = 6,
	LVS_DEST_ACTIVE = 64,
	LVS_DEST_INACTIVE = 65,
	LVS_DEST_OVERLOAD = 66
};
struct lvs_stats {
	uint64_t conns;
	uint64_t in_packets;
	uint64_t out_packets;
	uint64_t in_bytes;
	uint64_t out_bytes;
	uint64_t conn_rate;
	uint64_t in_packet_rate;
	uint64_t out_packet_rate;
	uint64_t in_byte_rate;
	uint64_t out_byte_rate;
};
struct lvs_key {
	struct lvs_addr client;
	struct lvs_addr virtual_addr;
	uint16_t client_port;
	uint16_t virtual_port;
};
int lvs_service_new(struct lvs_service **service);
void lvs_service_free(struct lvs_service *service);
int lvs_service_set_address(struct lvs_service *service,
			    const struct lvs_addr *addr, uint16_t port,
			    int protocol);
int lvs_service_get_address(const struct lvs_service *service,
			    struct lvs_addr *addr, uint16_t *port,
			    int *protocol);
int lvs_service_set(struct lvs_service *service, int option, uint64_t value);
int lvs_service_get(const struct lvs_service *service, int option,
		    uint64_t *value);
int lvs_service_set_sched(struct lvs_service *service, const char *name);
const char *lvs_service_get_sched(const struct lvs_service *service);
const char *lvs_sched_name(size_t index);
int lvs_service_add_dest(struct lvs_service *service, struct lvs_dest **dest,
			 const struct lvs_addr *addr, uint16_t port,
			 uint32_t weight);
int lvs_service_remove_dest(struct lvs_service *service, struct lvs_dest *dest);
struct lvs_dest *lvs_service_find_dest(const struct lvs_service *service,
				       const struct lvs_addr *addr,
				       uint16_t port);
struct lvs_dest *lvs_service_next_dest(const struct lvs_service *service,
				       const struct lvs_dest *dest);
int lvs_service_pick(struct lvs_service *service, struct lvs_dest **dest,
		     const struct lvs_key *key, uint64_t now);
int lvs_service_stats(const struct lvs_service *service,
		      struct lvs_stats *stats, size_t size);
int lvs_dest_get_address(const struct lvs_dest *dest, struct lvs_addr *addr,
			 uint16_t *port);
int lvs_dest_set(struct lvs_dest *dest, int option, uint64_t value);
int lvs_dest_get(const struct lvs_dest *dest, int option, uint64_t *value);
int lvs_dest_opened(struct lvs_dest *dest);
int lvs_dest_closed(struct lvs_dest *dest);
int lvs_dest_stats(const struct lvs_dest *dest, struct lvs_stats *stats,
		   size_t size);
struct lvs_table;
enum lvs_conn_state {
	LVS_STATE_NONE = 0,
	LVS_STATE_ESTABLISHED = 1,
	LVS_STATE_SYN_SENT = 2,
	LVS_STATE_SYN_RECV = 3,
	LVS_STATE_FIN_WAIT = 4,
	LVS_STATE_TIME_WAIT = 5,
	LVS_STATE_CLOSE = 6,
	LVS_STATE_CLOSE_WAIT = 7,
	LVS_STATE_LAST_ACK = 8,
	LVS_STATE_LISTEN = 9,
	LVS_STATE_SYNACK = 10,
	LVS_STATE_UDP = 11,
	LVS_STATES = 12
};
enum lvs_direction {
	LVS_FROM_CLIENT = 0,
	LVS_FROM_DEST = 1
};
enum lvs_table_flag {
	LVS_TABLE_PREFAULT = 1
};
struct lvs_flow {
	uint32_t family;
	uint32_t protocol;
	uint32_t method;
	uint32_t client_port;
	uint32_t virtual_port;
	uint32_t dest_port;
	uint8_t client[16];
	uint8_t virtual_addr[16];
	uint8_t dest[16];
	uint32_t state;
	uint32_t active;
	uint64_t expires;
	uint64_t packets;
	uint64_t conn;
};
int lvs_table_new(struct lvs_table **table, uint32_t max, uint32_t flags);
void lvs_table_free(struct lvs_table *table);
int lvs_table_add(struct lvs_table *table, uint64_t *conn,
		  const struct lvs_flow *flow, uint64_t now);
int lvs_table_find(struct lvs_table *table, uint64_t *conn, int *direction,
		   const struct lvs_addr *source, uint16_t source_port,
		   const struct lvs_addr *destination,
		   uint16_t destination_port, int protocol, uint64_t now);
int lvs_table_get(const struct lvs_table *table, struct lvs_flow *flow,
		  size_t size, uint64_t conn, uint64_t now);
int lvs_table_touch(struct lvs_table *table, uint64_t conn, int direction,
		    uint32_t tcp_flags, uint64_t now);
int lvs_table_remove(struct lvs_table *table, uint64_t conn);
int lvs_table_expire(struct lvs_table *table, uint64_t now, uint32_t budget);
uint64_t lvs_table_deadline(const struct lvs_table *table);
int lvs_table_next(const struct lvs_table *table, uint64_t *cursor,
		   struct lvs_flow *flow, size_t size, uint64_t now);
uint32_t lvs_table_count(const struct lvs_table *table);
int lvs_table_set_timeout(struct lvs_table *table, int state,
			  uint64_t milliseconds);
int lvs_table_get_timeout(const struct lvs_table *table, int state,
			  uint64_t *milliseconds);
const char *lvs_state_name(int state);
enum lvs_limit {
	LVS_HEADROOM = 96,
	LVS_BATCH = 64
};
enum lvs_verdict {
	LVS_PASS = 1,
	LVS_FORWARD = 2,
	LVS_DROP = 3,
	LVS_HELD = 4
};
enum lvs_reason {
	LVS_REASON_FORWARDED = 0,
	LVS_REASON_REPLIED = 1,
	LVS_REASON_NOT_OURS = 2,
	LVS_REASON_NOT_IP = 3,
	LVS_REASON_PROTOCOL = 4,
	LVS_REASON_ICMP = 5,
	LVS_REASON_FRAGMENT = 6,
	LVS_REASON_MALFORMED = 7,
	LVS_REASON_TRUNCATED = 8,
	LVS_REASON_TTL = 9,
	LVS_REASON_HEADROOM = 10,
	LVS_REASON_NO_CONN = 11,
	LVS_REASON_NO_DEST = 12,
	LVS_REASON_DEST_GONE = 13,
	LVS_REASON_TABLE_FULL = 14,
	LVS_REASON_CONFLICT = 15,
	LVS_REASON_EXT_HEADERS = 16,
	LVS_REASON_NO_ROUTE = 17,
	LVS_REASON_NO_NEIGHBOUR = 18,
	LVS_REASON_TOO_BIG = 19,
	LVS_REASON_SEND = 20,
	LVS_REASON_SOURCE = 21,
	LVS_REASONS = 22
};
enum lvs_packet_flag {
	LVS_PACKET_PARTIAL = 1
};
struct lvs_packet {
	uint8_t *data;
	uint32_t offset;
	uint32_t length;
	uint32_t capacity;
	uint32_t flags;
	uint32_t gso_type;
	uint32_t gso_size;
	uint64_t cookie;
	uint32_t verdict;
	uint32_t reason;
	uint64_t conn;
	struct lvs_addr next_hop;
};
const char *lvs_reason_name(int reason);
const char *lvs_reason_text(int reason);
int lvs_reason_verdict(int reason);
struct lvs_balancer;
struct lvs_outcome {
	uint32_t verdict;
	uint32_t reason;
	uint32_t offset;
	uint32_t length;
	uint64_t conn;
	struct lvs_addr next_hop;
};
struct lvs_balancer_stats {
	uint64_t in;
	uint64_t originated;
	uint64_t forwarded;
	uint64_t passed;
	uint64_t dropped;
	uint64_t held;
	uint64_t popped;
	uint64_t queued;
	uint64_t conns;
	uint64_t evicted;
	uint64_t expired;
};
int lvs_balancer_new(struct lvs_balancer **balancer, uint32_t max_conns,
		     uint32_t flags);
void lvs_balancer_free(struct lvs_balancer *balancer);
int lvs_balancer_add_service(struct lvs_balancer *balancer,
			     struct lvs_service *service);
int lvs_balancer_remove_service(struct lvs_balancer *balancer,
				struct lvs_service *service);
struct lvs_service *lvs_balancer_find_service(
	const struct lvs_balancer *balancer, const struct lvs_addr *addr,
	uint16_t port, int protocol);
struct lvs_service *lvs_balancer_next_service(
	const struct lvs_balancer *balancer, const struct lvs_service *service);
int lvs_balancer_commit(struct lvs_balancer *balancer);
int lvs_balancer_input(struct lvs_balancer *balancer,
		       struct lvs_outcome *outcome, uint8_t *buffer,
		       uint32_t offset, uint32_t length, uint32_t capacity,
		       uint64_t now);
int lvs_balancer_batch(struct lvs_balancer *balancer,
		       struct lvs_packet *packets, size_t count, uint64_t now);
int lvs_balancer_pop(struct lvs_balancer *balancer, struct lvs_outcome *outcome,
		     uint8_t *buffer, uint32_t capacity);
int lvs_balancer_dispatch(struct lvs_balancer *balancer, uint64_t now,
			  uint32_t budget);
uint64_t lvs_balancer_deadline(const struct lvs_balancer *balancer);
int lvs_balancer_explain(struct lvs_balancer *balancer, char *text, size_t size,
			 const uint8_t *packet, size_t length, uint64_t now);
int lvs_balancer_next_conn(const struct lvs_balancer *balancer,
			   uint64_t *cursor, struct lvs_flow *flow, size_t size,
			   uint64_t now);
int lvs_balancer_set_timeout(struct lvs_balancer *balancer, int state,
			     uint64_t milliseconds);
int lvs_balancer_stats(const struct lvs_balancer *balancer,
		       struct lvs_balancer_stats *stats, size_t size);
int lvs_balancer_reasons(const struct lvs_balancer *balancer, uint64_t *counts,
			 size_t count);
struct lvs_backend;
struct lvs_lane;
enum lvs_backend_option {
	LVS_BACKEND_LANES = 1,
	LVS_BACKEND_FRAMES = 2,
	LVS_BACKEND_ADDRESSES = 3
};
enum lvs_claim_kind {
	LVS_CLAIM_VIRTUAL = 1,
	LVS_CLAIM_SERVER = 2
};
struct lvs_claim {
	uint32_t kind;
	uint32_t protocol;
	uint32_t method;
	uint32_t port;
	struct lvs_addr addr;
};
enum lvs_backend_event_kind {
	LVS_BACKEND_ADDRESS_ADDED = 1,
	LVS_BACKEND_ADDRESS_FOUND = 2,
	LVS_BACKEND_ADDRESS_BACK = 3,
	LVS_BACKEND_ADDRESS_GONE = 4,
	LVS_BACKEND_ADDRESS_DUPLICATE = 5,
	LVS_BACKEND_PORT_TAKEN = 6,
	LVS_BACKEND_REVERSE_PATH = 7,
	LVS_BACKEND_NETWORK_UNUSED = 8,
	LVS_BACKEND_SERVER_UNUSED = 9,
	LVS_BACKEND_SERVER_LOCAL = 10
};
struct lvs_backend_event {
	uint32_t kind;
	uint32_t level;
	uint32_t protocol;
	uint32_t port;
	int32_t error;
	struct lvs_addr addr;
	char interface[16];
	uint8_t mac[8];
};
struct lvs_lane_stats {
	uint64_t received;
	uint64_t sent;
	uint64_t ring_full;
	uint64_t held;
	uint64_t no_route;
	uint64_t no_neighbour;
	uint64_t too_big;
	uint64_t send_failed;
	uint64_t oversized;
	uint64_t returned;
};
int lvs_backend_new(struct lvs_backend **backend, const char *kind);
void lvs_backend_free(struct lvs_backend *backend);
int lvs_backend_set(struct lvs_backend *backend, int option, uint64_t value);
int lvs_backend_add_interface(struct lvs_backend *backend, const char *name);
int lvs_backend_open(struct lvs_backend *backend, char *message, size_t size);
int lvs_backend_claim(struct lvs_backend *backend,
		      const struct lvs_claim *claims, size_t count,
		      char *message, size_t size);
int lvs_backend_home(const struct lvs_backend *backend,
		     const struct lvs_addr *addr, char *interface, size_t size);
int lvs_backend_foresee(const struct lvs_backend *backend,
			const struct lvs_claim *claim,
			struct lvs_backend_event *event, size_t size);
int lvs_backend_fd(const struct lvs_backend *backend);
uint64_t lvs_backend_deadline(const struct lvs_backend *backend);
int lvs_backend_dispatch(struct lvs_backend *backend, uint64_t now,
			 uint32_t budget);
int lvs_backend_pop_event(struct lvs_backend *backend,
			  struct lvs_backend_event *event, size_t size);
int lvs_backend_event_format(const struct lvs_backend_event *event, char *text,
			     size_t size);
int lvs_backend_cleanup(const char *kind,
			void (*tell)(void *user, const char *line), void *user,
			char *message, size_t size);
struct lvs_lane *lvs_backend_lane(struct lvs_backend *backend, uint32_t index);
int lvs_lane_fd(const struct lvs_lane *lane);
uint64_t lvs_lane_deadline(const struct lvs_lane *lane);
int lvs_lane_recv(struct lvs_lane *lane, struct lvs_packet *packets,
		  size_t count, uint64_t now);
int lvs_lane_send(struct lvs_lane *lane, struct lvs_packet *packets,
		  size_t count, uint64_t now);
int lvs_lane_stats(const struct lvs_lane *lane, struct lvs_lane_stats *stats,
		   size_t size);
struct lvs_monitor;
struct lvs_check;
enum lvs_check_option {
	LVS_CHECK_INTERVAL = 1,
	LVS_CHECK_TIMEOUT = 2,
	LVS_CHECK_RISE = 3,
	LVS_CHECK_FALL = 4,
	LVS_CHECK_RETRY = 5,
	LVS_CHECK_JITTER = 6,
	LVS_CHECK_START_UP = 7
};
enum lvs_check_state {
	LVS_CHECK_UNKNOWN = 0,
	LVS_CHECK_UP = 1,
	LVS_CHECK_DOWN = 2
};
enum lvs_check_cause {
	LVS_CAUSE_NONE = 0,
	LVS_CAUSE_OK = 1,
	LVS_CAUSE_REFUSED = 2,
	LVS_CAUSE_TIMEOUT = 3,
	LVS_CAUSE_UNREACHABLE = 4,
	LVS_CAUSE_LOCAL = 5,
	LVS_CAUSE_FORCED = 6,
	LVS_CAUSE_NO_ROUTE = 7
};
struct lvs_check_event {
	uint64_t time;
	uint64_t user;
	uint32_t state;
	uint32_t cause;
	uint32_t attempts;
	uint32_t latency;
};
int lvs_check_new(struct lvs_check **check, const char *kind);
void lvs_check_free(struct lvs_check *check);
int lvs_check_copy(struct lvs_check **copy, const struct lvs_check *check);
int lvs_check_equal(const struct lvs_check *a, const struct lvs_check *b);
int lvs_check_set(struct lvs_check *check, int option, uint64_t value);
int lvs_check_get(const struct lvs_check *check, int option, uint64_t *value);
int lvs_check_set_target(struct lvs_check *check, const struct lvs_addr *addr,
			 uint16_t port);
int lvs_check_get_target(const struct lvs_check *check, struct lvs_addr *addr,
			 uint16_t *port);
const char *lvs_check_kind(const struct lvs_check *check);
int lvs_check_state(const struct lvs_check *check);
int lvs_check_fault(const struct lvs_check *check);
const char *lvs_check_state_name(int state);
const char *lvs_check_cause_name(int cause);
int lvs_monitor_new(struct lvs_monitor **monitor);
void lvs_monitor_free(struct lvs_monitor *monitor);
int lvs_monitor_add_check(struct lvs_monitor *monitor, struct lvs_check *check,
			  uint64_t user, uint64_t now);
int lvs_monitor_remove_check(struct lvs_monitor *monitor,
			     struct lvs_check *check);
int lvs_monitor_force_down(struct lvs_monitor *monitor, struct lvs_check *check,
			   uint64_t now);
struct lvs_monitor_stats {
	uint64_t checks;
	uint64_t running;
	uint64_t attempts;
	uint64_t successes;
	uint64_t failures;
	uint64_t local_faults;
	uint64_t excused;
};
int lvs_monitor_stats(const struct lvs_monitor *monitor,
		      struct lvs_monitor_stats *stats, size_t size);
int lvs_monitor_fd(const struct lvs_monitor *monitor);
uint64_t lvs_monitor_deadline(const struct lvs_monitor *monitor);
int lvs_monitor_dispatch(struct lvs_monitor *monitor, uint64_t now,
			 uint32_t budget);
int lvs_monitor_pop_event(struct lvs_monitor *monitor,
			  struct lvs_check_event *event, size_t size);
"""
