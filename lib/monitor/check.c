/*
 * Checks as values: a kind, a target, settings. They say what to probe and how
 * often; running them is monitor.c's. What a monitor holds is not changed: two
 * readers of one check then never see half of a change, and a new setting
 * means a new check, as a reload makes it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "monitor/monitor.h"

/* The kinds of check: a line each. */
static const struct lvs__check_ops *const kinds[] = {
	&lvs__check_tcp,
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct {
	uint32_t least, most, preset;
} limits[LVS__CHECK_SETTINGS] = {
	[LVS_CHECK_INTERVAL] = {1, LVS__MOST_MS, 10000},
	[LVS_CHECK_TIMEOUT] = {1, LVS__MOST_MS, 5000},
	[LVS_CHECK_RISE] = {1, LVS__MOST_ATTEMPTS, 1},
	[LVS_CHECK_FALL] = {1, LVS__MOST_ATTEMPTS, 3},
	[LVS_CHECK_RETRY] = {1, LVS__MOST_MS, 1000},
	[LVS_CHECK_JITTER] = {0, LVS__MOST_MS, LVS__CHECK_UNSET},
	[LVS_CHECK_START_UP] = {0, 1, 0},
};

static const struct lvs__check_ops *find_kind(const char *kind)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i]->kind, kind) == 0)
			return kinds[i];
	return NULL;
}

static struct lvs_check *make(const struct lvs__check_ops *ops)
{
	struct lvs_check *check = calloc(1, sizeof(*check));

	if (check == NULL)
		return NULL;
	check->ops = ops;
	check->fd = -1;
	lvs__list_init(&check->event_node);
	lvs__list_init(&check->queue_node);
	return check;
}

LVS_EXPORT int lvs_check_new(struct lvs_check **check, const char *kind)
{
	const struct lvs__check_ops *ops;
	struct lvs_check *made;

	if (check == NULL || kind == NULL)
		return -EINVAL;
	ops = find_kind(kind);
	if (ops == NULL)
		return -ENOENT;
	made = make(ops);
	if (made == NULL)
		return -ENOMEM;
	for (int i = 1; i < LVS__CHECK_SETTINGS; i++)
		made->settings[i] = limits[i].preset;
	*check = made;
	return 0;
}

LVS_EXPORT void lvs_check_free(struct lvs_check *check)
{
	/* a held one belongs to its monitor; freeing it would break that */
	if (check != NULL && check->monitor == NULL)
		free(check);
}

LVS_EXPORT int lvs_check_copy(struct lvs_check **copy,
			      const struct lvs_check *check)
{
	struct lvs_check *made;

	if (copy == NULL || check == NULL)
		return -EINVAL;
	made = make(check->ops);
	if (made == NULL)
		return -ENOMEM;
	made->addr = check->addr;
	made->port = check->port;
	memcpy(made->settings, check->settings, sizeof(made->settings));
	*copy = made;
	return 0;
}

LVS_EXPORT int lvs_check_equal(const struct lvs_check *a,
			       const struct lvs_check *b)
{
	if (a == NULL || b == NULL)
		return -EINVAL;
	if (a->ops != b->ops || a->port != b->port ||
	    a->addr.family != b->addr.family ||
	    memcmp(a->addr.bytes, b->addr.bytes, sizeof(a->addr.bytes)) != 0)
		return 0;
	for (int i = 1; i < LVS__CHECK_SETTINGS; i++)
		if (lvs__check_setting(a, i) != lvs__check_setting(b, i))
			return 0;
	return 1;
}

static bool is_option(int option)
{
	return option >= LVS_CHECK_INTERVAL && option < LVS__CHECK_SETTINGS;
}

LVS_EXPORT int lvs_check_set(struct lvs_check *check, int option,
			     uint64_t value)
{
	if (check == NULL || !is_option(option))
		return -EINVAL;
	if (value < limits[option].least || value > limits[option].most)
		return -ERANGE;
	if (check->monitor != NULL)
		return -EBUSY;
	check->settings[option] = (uint32_t)value;
	return 0;
}

LVS_EXPORT int lvs_check_get(const struct lvs_check *check, int option,
			     uint64_t *value)
{
	if (check == NULL || value == NULL || !is_option(option))
		return -EINVAL;
	*value = lvs__check_setting(check, option);
	return 0;
}

LVS_EXPORT int lvs_check_set_target(struct lvs_check *check,
				    const struct lvs_addr *addr, uint16_t port)
{
	struct lvs_addr target = {0};

	if (check == NULL || addr == NULL || port == 0)
		return -EINVAL;
	if (addr->family != LVS_IPV4 && addr->family != LVS_IPV6)
		return -EINVAL;
	if (check->monitor != NULL)
		return -EBUSY;
	target.family = addr->family;
	memcpy(target.bytes, addr->bytes, addr->family == LVS_IPV4 ? 4 : 16);
	check->addr = target;
	check->port = port;
	return 0;
}

LVS_EXPORT int lvs_check_get_target(const struct lvs_check *check,
				    struct lvs_addr *addr, uint16_t *port)
{
	if (check == NULL || addr == NULL || port == NULL)
		return -EINVAL;
	if (check->port == 0)
		return -ENOENT;
	*addr = check->addr;
	*port = check->port;
	return 0;
}

LVS_EXPORT const char *lvs_check_kind(const struct lvs_check *check)
{
	return check != NULL ? check->ops->kind : "?";
}

LVS_EXPORT int lvs_check_state(const struct lvs_check *check)
{
	return check != NULL ? (int)check->state : -EINVAL;
}

LVS_EXPORT int lvs_check_fault(const struct lvs_check *check)
{
	return check != NULL ? check->fault : -EINVAL;
}

LVS_EXPORT const char *lvs_check_state_name(int state)
{
	static const char *const names[] = {
		[LVS_CHECK_UNKNOWN] = "unknown",
		[LVS_CHECK_UP] = "up",
		[LVS_CHECK_DOWN] = "down",
	};

	if (state < 0 || (size_t)state >= sizeof(names) / sizeof(names[0]))
		return "?";
	return names[state];
}

LVS_EXPORT const char *lvs_check_cause_name(int cause)
{
	static const char *const names[] = {
		[LVS_CAUSE_NONE] = "none",
		[LVS_CAUSE_OK] = "ok",
		[LVS_CAUSE_REFUSED] = "refused",
		[LVS_CAUSE_TIMEOUT] = "timeout",
		[LVS_CAUSE_UNREACHABLE] = "unreachable",
		[LVS_CAUSE_LOCAL] = "local",
		[LVS_CAUSE_FORCED] = "forced",
		[LVS_CAUSE_NO_ROUTE] = "no route",
	};

	if (cause < 0 || (size_t)cause >= sizeof(names) / sizeof(names[0]))
		return "?";
	return names[cause];
}
