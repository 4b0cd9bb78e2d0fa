lib_libcore_la_SOURCES += \
	lib/conn/conn.c lib/conn/conn.h \
	lib/conn/state.c \
	lib/conn/table.c lib/conn/table.h \
	lib/conn/tcp.c
