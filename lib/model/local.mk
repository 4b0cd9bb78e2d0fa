lib_libnode_la_SOURCES += \
	lib/model/copy.c \
	lib/model/dests.c \
	lib/model/index.c \
	lib/model/model.c \
	lib/model/model.h \
	lib/model/services.c
