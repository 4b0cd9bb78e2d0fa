lvsinclude_HEADERS += \
	include/lvs/addr.h \
	include/lvs/backend.h \
	include/lvs/balancer.h \
	include/lvs/base.h \
	include/lvs/conn.h \
	include/lvs/lvs.h \
	include/lvs/monitor.h \
	include/lvs/packet.h \
	include/lvs/service.h
if WITH_DIRECTOR
lvsinclude_HEADERS += \
	include/lvs/config.h \
	include/lvs/control.h \
	include/lvs/director.h \
	include/lvs/ev.h \
	include/lvs/model.h \
	include/lvs/rules.h
endif
