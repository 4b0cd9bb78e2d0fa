/*
 * Models by chance: few addresses, so that two models often name the same
 * services and dests, with different values.
 */
#include "any_model.h"

#include <stdio.h>

#include "slow.h"
#include "unit.h"

struct lvs_addr any_addr(const char *text)
{
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, text), 0);
	return addr;
}

struct lvs_service *put_service(struct lvs_model *model, const char *addr,
				uint16_t port, int protocol)
{
	struct lvs_service *service;
	struct lvs_addr a = any_addr(addr);

	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_address(service, &a, port, protocol),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service, "wlc"), 0);
	ck_assert_int_eq(lvs_model_add_service(model, service), 0);
	return service;
}

struct lvs_dest *put_dest(struct lvs_service *service, const char *addr,
			  uint16_t port, uint32_t weight)
{
	struct lvs_addr a = any_addr(addr);
	struct lvs_dest *dest;

	ck_assert_int_eq(lvs_service_add_dest(service, &dest, &a, port, weight),
			 0);
	return dest;
}

struct lvs_check *put_check(struct lvs_model *model,
			    struct lvs_service *service, struct lvs_dest *dest,
			    uint64_t interval)
{
	struct lvs_check *check;

	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_INTERVAL, interval), 0);
	ck_assert_int_eq(lvs_model_add_check(model, service, dest, check), 0);
	return check;
}

/* ---- by chance */

static void add_check(struct lvs_model *model, struct lvs_service *service,
		      struct lvs_dest *dest, uint64_t *seed)
{
	struct lvs_check *check =
		put_check(model, service, dest, 1 + below(seed, 90000));
	struct lvs_addr addr = any_addr("10.9.9.9");

	lvs_check_set(check, LVS_CHECK_TIMEOUT, 1 + below(seed, 9000));
	lvs_check_set(check, LVS_CHECK_RISE, 1 + below(seed, 5));
	lvs_check_set(check, LVS_CHECK_FALL, 1 + below(seed, 5));
	lvs_check_set(check, LVS_CHECK_RETRY, 1 + below(seed, 3000));
	lvs_check_set(check, LVS_CHECK_JITTER, below(seed, 3000));
	lvs_check_set(check, LVS_CHECK_START_UP, below(seed, 2));
	if (below(seed, 3) == 0)
		lvs_check_set_target(check, &addr,
				     (uint16_t)(1 + below(seed, 65535)));
}

static void set_dest(struct lvs_dest *dest, uint64_t *seed)
{
	uint64_t upper = below(seed, 3) == 0 ? below(seed, 65536) : 0;

	lvs_dest_set(dest, LVS_DEST_LOWER, 0);
	lvs_dest_set(dest, LVS_DEST_UPPER, upper);
	lvs_dest_set(dest, LVS_DEST_LOWER,
		     upper > 0 ? below(seed, (unsigned int)upper + 1) : 0);
	lvs_dest_set(dest, LVS_DEST_WEIGHT,
		     below(seed, 9) == 0 ? INT32_MAX : below(seed, 20));
	lvs_dest_set(dest, LVS_DEST_DRAIN, below(seed, 5) == 0);
}

static void add_dest(struct lvs_model *model, struct lvs_service *service,
		     uint64_t *seed, int what)
{
	struct lvs_addr of;
	uint16_t port;
	char text[32];
	struct lvs_addr addr;
	struct lvs_dest *dest;
	bool nat = below(seed, 2) == 0;

	lvs_service_get_address(service, &of, &port, NULL);
	snprintf(text, sizeof(text),
		 of.family == LVS_IPV4 ? "10.0.0.%u" : "fd00::%u",
		 1 + below(seed, 9));
	addr = any_addr(text);
	if (nat && below(seed, 2) == 0)
		port = (uint16_t)(8000 + below(seed, 3));
	if (lvs_service_add_dest(service, &dest, &addr, port, 1) != 0)
		return; /* is there */
	lvs_dest_set(dest, LVS_DEST_METHOD, nat ? LVS_NAT : LVS_DR);
	set_dest(dest, seed);
	for (unsigned int n = below(seed, 3); n > 0 && (what & ANY_CHECKS) != 0;
	     n--)
		add_check(model, service, dest, seed);
}

static void set_service(struct lvs_model *model, struct lvs_service *service,
			uint64_t *seed, int what)
{
	static const char *const scheds[] = {"rr", "wrr", "lc", "wlc", "none"};

	lvs_service_set_sched(service, scheds[below(seed, 5)]);
	lvs_service_set(service, LVS_SERVICE_EXPIRE_NODEST, below(seed, 2));
	if ((what & ANY_BACKEND) == 0)
		return;
	lvs_model_set_service(model, service, LVS_SETTING_RESETS,
			      below(seed, 6));
	lvs_model_set_service(model, service, LVS_SETTING_RESET_INTERVAL,
			      1 + below(seed, 5000));
	lvs_model_set_service(model, service, LVS_SETTING_INHIBIT,
			      below(seed, 2));
}

static void add_service(struct lvs_model *model, uint64_t *seed, int what)
{
	static const char *const addrs[] = {"192.0.2.1", "192.0.2.2",
					    "2001:db8::1"};
	struct lvs_addr addr = any_addr(addrs[below(seed, 3)]);
	uint16_t port = (uint16_t)(80 + below(seed, 2));
	int protocol = below(seed, 3) == 0 ? LVS_UDP : LVS_TCP;
	struct lvs_service *service;

	ck_assert_int_eq(lvs_service_new(&service), 0);
	lvs_service_set_address(service, &addr, port, protocol);
	if (lvs_model_add_service(model, service) != 0) {
		lvs_service_free(service);
		return; /* is there */
	}
	set_service(model, service, seed, what);
	for (unsigned int n = below(seed, 7); n > 0; n--)
		add_dest(model, service, seed, what);
}

static void set_node(struct lvs_model *model, uint64_t *seed)
{
	static const char *const texts[] = {"raw", "none", "/run/a b#c\"d",
					    "/run/lvsd.sock"};

	lvs_model_set(model, LVS_MODEL_WORKERS, 1 + below(seed, 64));
	lvs_model_set(model, LVS_MODEL_CONNECTIONS, 1 + below(seed, 1 << 26));
	lvs_model_set(model, LVS_MODEL_RING_FRAMES, 16u << below(seed, 9));
	lvs_model_set(model, LVS_MODEL_ADDRESSES, below(seed, 2));
	if (below(seed, 2) == 0)
		lvs_model_set_text(model, LVS_MODEL_BACKEND,
				   texts[below(seed, 2)]);
	if (below(seed, 2) == 0)
		lvs_model_set_text(model, LVS_MODEL_CONTROL,
				   texts[2 + below(seed, 2)]);
	if (below(seed, 2) == 0)
		lvs_model_set_text(model, LVS_MODEL_GROUP, "web admins");
	if (below(seed, 2) == 0)
		lvs_model_add_interface(model, "eth1");
	if (below(seed, 2) == 0)
		lvs_model_add_interface(model, "br-0.7");
}

struct lvs_model *any_model(uint64_t *seed, int what)
{
	struct lvs_model *model;

	ck_assert_int_eq(lvs_model_new(&model), 0);
	for (int i = LVS_MODEL_TIMEOUT_TCP; i <= LVS_MODEL_TIMEOUT_UDP; i++)
		if (below(seed, 2) == 0)
			lvs_model_set(model, i, 1 + below(seed, INT32_MAX));
	if ((what & ANY_BACKEND) != 0)
		set_node(model, seed);
	for (unsigned int n = below(seed, 7); n > 0; n--)
		add_service(model, seed, what);
	return model;
}

void any_edits(struct lvs_model *model, uint64_t *seed)
{
	struct lvs_service *service = NULL;
	struct lvs_service *next;
	struct lvs_dest *dest;

	next = lvs_model_next_service(model, NULL);
	while ((service = next) != NULL) {
		next = lvs_model_next_service(model, service);
		if (below(seed, 6) == 0) {
			lvs_model_remove_service(model, service);
			continue;
		}
		if (below(seed, 3) == 0)
			set_service(model, service, seed, ANY_BACKEND);
		if (below(seed, 2) == 0)
			add_dest(model, service, seed, ANY_CHECKS);
		dest = lvs_service_next_dest(service, NULL);
		if (dest != NULL && below(seed, 3) == 0)
			lvs_model_remove_dest(model, service, dest);
		else if (dest != NULL && below(seed, 2) == 0)
			set_dest(dest, seed);
		else if (dest != NULL && below(seed, 2) == 0)
			add_check(model, service, dest, seed);
	}
	add_service(model, seed, ANY_CHECKS | ANY_BACKEND);
	lvs_model_set(model, LVS_MODEL_TIMEOUT_UDP, 1 + below(seed, 99999));
}

/* ---- equal */

void must_equal(const struct lvs_model *a, const struct lvs_model *b)
{
	char text[4096];

	if (lvs_model_diff(a, b, text, sizeof(text)) != 0)
		ck_abort_msg("the models differ:\n%s", text);
}

void must_equal_in_order(struct lvs_model *a, struct lvs_model *b)
{
	struct lvs_service *x = NULL;
	struct lvs_service *y = NULL;
	struct lvs_addr addr[2];
	uint16_t port[2];

	must_equal(a, b);
	while ((x = lvs_model_next_service(a, x)) != NULL) {
		struct lvs_dest *p = NULL;
		struct lvs_dest *q = NULL;

		y = lvs_model_next_service(b, y);
		lvs_service_get_address(x, &addr[0], &port[0], NULL);
		lvs_service_get_address(y, &addr[1], &port[1], NULL);
		ck_assert_mem_eq(&addr[0], &addr[1], sizeof(addr[0]));
		ck_assert_uint_eq(port[0], port[1]);
		while ((p = lvs_service_next_dest(x, p)) != NULL) {
			q = lvs_service_next_dest(y, q);
			lvs_dest_get_address(p, &addr[0], &port[0]);
			lvs_dest_get_address(q, &addr[1], &port[1]);
			ck_assert_mem_eq(&addr[0], &addr[1], sizeof(addr[0]));
			ck_assert_uint_eq(port[0], port[1]);
		}
	}
}
