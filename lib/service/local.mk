lib_libcommon_la_SOURCES += \
	lib/service/endpoint.c lib/service/endpoint.h \
	lib/service/services.c lib/service/services.h
lib_libcore_la_SOURCES += \
	lib/service/dest.c \
	lib/service/dests.c \
	lib/service/find.c \
	lib/service/load.c \
	lib/service/service.c \
	lib/service/service.h \
	lib/service/stats.c
