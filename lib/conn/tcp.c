/*
 * TCP states as IPVS has them.
 *
 * A director sees both directions with NAT (INPUT from the client, OUTPUT from
 * the dest) and only the client's with direct routing and tunnels
 * (INPUT-ONLY: it guesses what the dest answers). One event is taken from a
 * segment, by priority RST, SYN, FIN, ACK; a segment with none of them forces
 * CLOSE, which is a quirk of IPVS that its users' timeouts rest on.
 */
#include "conn/table.h"

enum {
	SYN = 0,
	FIN = 1,
	ACK = 2,
	RST = 3,
	BARE = 4
};

/* By bits: FIN 1, SYN 2, RST 4, ACK 8. */
const uint8_t lvs__tcp_event[16] = {
	BARE, FIN, SYN, SYN, RST, RST, RST, RST,
	ACK,  FIN, SYN, SYN, RST, RST, RST, RST,
};

enum {
	NO = LVS_STATE_NONE,
	ES = LVS_STATE_ESTABLISHED,
	SS = LVS_STATE_SYN_SENT,
	SR = LVS_STATE_SYN_RECV,
	FW = LVS_STATE_FIN_WAIT,
	TW = LVS_STATE_TIME_WAIT,
	CL = LVS_STATE_CLOSE,
	CW = LVS_STATE_CLOSE_WAIT,
	LA = LVS_STATE_LAST_ACK,
	LI = LVS_STATE_LISTEN,
	SA = LVS_STATE_SYNACK
};

/* clang-format off */
const uint8_t lvs__tcp_next[3][8][16] = {
	[LVS__INPUT] = {
		/*	  NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
		[SYN] = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR, NO },
		[FIN] = { CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW, NO },
		[ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES, NO },
		[RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR, NO },
		[BARE] = { CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, NO },
	},
	[LVS__OUTPUT] = {
		[SYN] = { SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR, NO },
		[FIN] = { TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW, NO },
		[ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES, NO },
		[RST] = { CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL, NO },
		[BARE] = { CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, NO },
	},
	[LVS__INPUT_ONLY] = {
		[SYN] = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR, NO },
		[FIN] = { CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW, NO },
		[ACK] = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES, NO },
		[RST] = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL, NO },
		[BARE] = { CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, NO },
	},
};
/* clang-format on */
