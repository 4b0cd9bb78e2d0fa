lib_libnode_la_SOURCES += \
	lib/model/copy.c \
	lib/model/dests.c \
	lib/model/diff.c \
	lib/model/judge.c \
	lib/model/merge.c \
	lib/model/model.c \
	lib/model/model.h \
	lib/model/pairs.c \
	lib/model/pairs.h \
	lib/model/services.c \
	lib/model/text.c \
	lib/model/text.h \
	lib/model/wish.c \
	lib/model/wish.h
