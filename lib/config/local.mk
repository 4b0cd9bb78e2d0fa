lib_libnode_la_SOURCES += \
	lib/config/keepalived.c \
	lib/config/rules.c
