lib_libnode_la_SOURCES += \
	lib/control/control.c
lib_libnode_la_LIBADD += $(JANSSON_LIBS)
