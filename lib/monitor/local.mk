lib_libcore_la_SOURCES += \
	lib/monitor/attempt.c \
	lib/monitor/check.c \
	lib/monitor/monitor.c \
	lib/monitor/monitor.h \
	lib/monitor/tcp.c
