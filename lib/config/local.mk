lib_libnode_la_SOURCES += \
	lib/config/build.c \
	lib/config/files.c \
	lib/config/grammar.c \
	lib/config/keepalived.c \
	lib/config/later.c \
	lib/config/levels.c \
	lib/config/lexer.c \
	lib/config/lexer.h \
	lib/config/message.c \
	lib/config/node.c \
	lib/config/options.c \
	lib/config/options.h \
	lib/config/print.c \
	lib/config/reader.c \
	lib/config/reader.h \
	lib/config/restore.c \
	lib/config/rules.c \
	lib/config/save.c \
	lib/config/settle.c \
	lib/config/skip.c \
	lib/config/values.c \
	lib/config/virtual.c
