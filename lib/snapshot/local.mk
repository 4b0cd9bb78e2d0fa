lib_libcore_la_SOURCES += \
	lib/snapshot/catalog.c lib/snapshot/catalog.h \
	lib/snapshot/snapshot.c lib/snapshot/snapshot.h
