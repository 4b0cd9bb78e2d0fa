lib_libcommon_la_SOURCES += \
	lib/base/hash.c \
	lib/base/hash.h \
	lib/base/near.c \
	lib/base/near.h \
	lib/base/text.c \
	lib/base/text.h \
	lib/base/watch.c \
	lib/base/watch.h
lib_libcore_la_SOURCES += \
	lib/base/base.h \
	lib/base/error.c \
	lib/base/limits.h \
	lib/base/list.h \
	lib/base/timer.c \
	lib/base/timer.h
