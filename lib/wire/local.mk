lib_libcommon_la_SOURCES += \
	lib/wire/names.c \
	lib/wire/names.h
lib_libcore_la_SOURCES += \
	lib/wire/addr.c \
	lib/wire/bytes.h \
	lib/wire/csum.c \
	lib/wire/csum.h \
	lib/wire/method.h \
	lib/wire/packet.c \
	lib/wire/packet.h \
	lib/wire/reason.c
