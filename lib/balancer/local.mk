lib_libcore_la_SOURCES += \
	lib/balancer/balancer.c lib/balancer/balancer.h \
	lib/balancer/explain.c \
	lib/balancer/path.c lib/balancer/steps.h
