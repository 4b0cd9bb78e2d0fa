/*
 * liblvs: everything of liblvs.so in one include. The running node
 * (liblvs-director) is in <lvs/director.h>, <lvs/config.h>, <lvs/rules.h>,
 * <lvs/control.h> and <lvs/ev.h>.
 */
#ifndef LVS_LVS_H
#define LVS_LVS_H

#include <lvs/addr.h>
#include <lvs/backend.h>
#include <lvs/balancer.h>
#include <lvs/base.h>
#include <lvs/conn.h>
#include <lvs/monitor.h>
#include <lvs/packet.h>
#include <lvs/service.h>

#endif
