lib_libcore_la_SOURCES += \
	lib/forward/dr.c \
	lib/forward/forward.c \
	lib/forward/forward.h \
	lib/forward/nat.c \
	lib/forward/reply.c \
	lib/forward/rewrite.h
