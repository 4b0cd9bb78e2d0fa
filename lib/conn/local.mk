lib_libcore_la_SOURCES += \
	lib/conn/conn.h \
	lib/conn/flow.c \
	lib/conn/index.c lib/conn/index.h \
	lib/conn/life.c \
	lib/conn/room.c \
	lib/conn/state.c \
	lib/conn/table.c lib/conn/table.h \
	lib/conn/tcp.c
