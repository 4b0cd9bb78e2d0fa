if WITH_RAW
noinst_PROGRAMS += examples/bounce
examples_bounce_SOURCES = examples/bounce.c
examples_bounce_LDADD = liblvs.la
endif
noinst_PROGRAMS += examples/watch
examples_watch_SOURCES = examples/watch.c
examples_watch_LDADD = liblvs.la
noinst_PROGRAMS += examples/affinity
examples_affinity_SOURCES = examples/affinity.c
examples_affinity_LDADD = liblvs.la
