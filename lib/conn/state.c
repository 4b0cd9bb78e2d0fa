/*
 * What holds for every state: its name, its timeout, and whether a connection
 * in it may be ended early when room is wanted.
 */
#include "conn/table.h"

#include "base/limits.h"

#define SECONDS 1000u

const uint32_t lvs__timeouts_default[LVS_STATES] = {
	[LVS_STATE_NONE] = 2 * SECONDS,
	[LVS_STATE_ESTABLISHED] = LVS__TIMEOUT_TCP,
	[LVS_STATE_SYN_SENT] = 120 * SECONDS,
	[LVS_STATE_SYN_RECV] = 60 * SECONDS,
	[LVS_STATE_FIN_WAIT] = LVS__TIMEOUT_TCP_FIN,
	[LVS_STATE_TIME_WAIT] = 120 * SECONDS,
	[LVS_STATE_CLOSE] = 10 * SECONDS,
	[LVS_STATE_CLOSE_WAIT] = 60 * SECONDS,
	[LVS_STATE_LAST_ACK] = 30 * SECONDS,
	[LVS_STATE_LISTEN] = 120 * SECONDS,
	[LVS_STATE_SYNACK] = 120 * SECONDS,
	[LVS_STATE_UDP] = LVS__TIMEOUT_UDP,
};

LVS_EXPORT const char *lvs_state_name(int state)
{
	static const char *const names[LVS_STATES] = {
		[LVS_STATE_NONE] = "NONE",
		[LVS_STATE_ESTABLISHED] = "ESTABLISHED",
		[LVS_STATE_SYN_SENT] = "SYN_SENT",
		[LVS_STATE_SYN_RECV] = "SYN_RECV",
		[LVS_STATE_FIN_WAIT] = "FIN_WAIT",
		[LVS_STATE_TIME_WAIT] = "TIME_WAIT",
		[LVS_STATE_CLOSE] = "CLOSE",
		[LVS_STATE_CLOSE_WAIT] = "CLOSE_WAIT",
		[LVS_STATE_LAST_ACK] = "LAST_ACK",
		[LVS_STATE_LISTEN] = "LISTEN",
		[LVS_STATE_SYNACK] = "SYNACK",
		[LVS_STATE_UDP] = "UDP",
	};

	return state < 0 || state >= LVS_STATES ? "?" : names[state];
}

uint32_t lvs__state_class(const struct lvs__conn *conn)
{
	switch (conn->state) {
	case LVS_STATE_CLOSE:
	case LVS_STATE_TIME_WAIT:
		return LVS__CLASS_CLOSED;
	case LVS_STATE_NONE:
	case LVS_STATE_SYN_RECV:
	case LVS_STATE_SYN_SENT:
	case LVS_STATE_SYNACK:
		return LVS__CLASS_HALF_OPEN;
	case LVS_STATE_UDP:
		/* one datagram proves no client */
		return conn->packets < 2 ? LVS__CLASS_HALF_OPEN
					 : LVS__CLASS_KEPT;
	default:
		return LVS__CLASS_KEPT;
	}
}
