if WITH_RAW
noinst_PROGRAMS += examples/bounce
examples_bounce_SOURCES = examples/bounce.c
examples_bounce_LDADD = liblvs.la
endif
