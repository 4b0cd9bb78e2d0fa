lib_libcore_la_SOURCES += \
	lib/sched/lc.c \
	lib/sched/rr.c \
	lib/sched/sched.c \
	lib/sched/sched.h \
	lib/sched/wlc.c \
	lib/sched/wrr.c
