# Floors 1 to 4 are libcore (into liblvs), floors 5 to 8 libnode (into
# liblvs-director). Both are archives with all symbols, which the tests link;
# the shared libraries export what their maps name. What both need and neither
# should export for the other is libcommon. Each shared library has it inside;
# of the archives only liblvs.a, which a program links behind the other, so both
# may be linked whole. That is why libcommon is here a word for the linker of the
# shared library: what libtool knows of, it puts into the archive as well.
noinst_LTLIBRARIES += lib/libcommon.la lib/libcore.la
lib_libcommon_la_SOURCES =
lib_libcore_la_SOURCES =
lib_libcore_la_LIBADD = lib/libcommon.la $(MNL_LIBS)

include lib/base/local.mk
include lib/wire/local.mk
include lib/service/local.mk
include lib/conn/local.mk
include lib/forward/local.mk
include lib/sched/local.mk
include lib/snapshot/local.mk
include lib/backend/local.mk
include lib/balancer/local.mk
include lib/monitor/local.mk

lib_LTLIBRARIES += liblvs.la
liblvs_la_SOURCES =
liblvs_la_LIBADD = lib/libcore.la
liblvs_la_LDFLAGS = $(AM_LDFLAGS) -version-info $(LIBLVS_VERSION_INFO) \
	-no-undefined -Wl,--version-script=$(srcdir)/lib/liblvs.map
EXTRA_liblvs_la_DEPENDENCIES = $(srcdir)/lib/liblvs.map

if WITH_DIRECTOR
noinst_LTLIBRARIES += lib/libnode.la
lib_libnode_la_SOURCES =
lib_libnode_la_LIBADD =

include lib/model/local.mk
include lib/director/local.mk
include lib/config/local.mk
include lib/control/local.mk

if WITH_EV
lib_libnode_la_SOURCES += lib/ev.c
lib_libnode_la_LIBADD += $(EV_LIBS)
endif

lib_LTLIBRARIES += liblvs-director.la
pkgconfig_DATA += liblvs-director.pc
liblvs_director_la_SOURCES =
liblvs_director_la_LIBADD = lib/libnode.la liblvs.la
liblvs_director_la_LDFLAGS = $(AM_LDFLAGS) \
	-version-info $(LIBLVS_DIRECTOR_VERSION_INFO) -no-undefined \
	-Wl,lib/.libs/libcommon.a \
	-Wl,--version-script=$(srcdir)/lib/liblvs-director.map
EXTRA_liblvs_director_la_DEPENDENCIES = $(srcdir)/lib/liblvs-director.map \
	lib/libcommon.la $(srcdir)/lib/local.mk
endif

EXTRA_DIST += lib/LAYERS lib/liblvs.map lib/liblvs-director.map
