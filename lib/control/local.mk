if WITH_CONTROL
lib_libnode_la_SOURCES += \
	lib/control/answer.c \
	lib/control/ask.c \
	lib/control/change.c \
	lib/control/client.c \
	lib/control/client.h \
	lib/control/control.c \
	lib/control/control.h \
	lib/control/json.c \
	lib/control/lists.c \
	lib/control/options.c \
	lib/control/print.c \
	lib/control/print.h \
	lib/control/probe.c \
	lib/control/request.c \
	lib/control/request.h \
	lib/control/run.c \
	lib/control/session.c \
	lib/control/socket.c \
	lib/control/words.c \
	lib/control/words.h
lib_libnode_la_LIBADD += $(JANSSON_LIBS)
endif
