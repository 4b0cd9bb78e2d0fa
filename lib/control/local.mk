if WITH_CONTROL
lib_libnode_la_SOURCES += \
	lib/control/answer.c \
	lib/control/ask.c \
	lib/control/change.c \
	lib/control/client.c \
	lib/control/client.h \
	lib/control/control.c \
	lib/control/control.h \
	lib/control/flags.c \
	lib/control/folder.c \
	lib/control/folder.h \
	lib/control/json.c \
	lib/control/lists.c \
	lib/control/note.c \
	lib/control/note.h \
	lib/control/order.c \
	lib/control/order.h \
	lib/control/print.c \
	lib/control/print.h \
	lib/control/request.c \
	lib/control/request.h \
	lib/control/run.c \
	lib/control/sample.c \
	lib/control/session.c \
	lib/control/socket.c
lib_libnode_la_LIBADD += $(JANSSON_LIBS)
endif
