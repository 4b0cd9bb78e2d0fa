lib_libcore_la_SOURCES += \
	lib/backend/backend.c \
	lib/backend/backend.h
if WITH_RAW
lib_libcore_la_SOURCES += \
	lib/backend/chain.c \
	lib/backend/claim.c \
	lib/backend/filter.c \
	lib/backend/filter.h \
	lib/backend/hold.c \
	lib/backend/hold.h \
	lib/backend/hop.c \
	lib/backend/hop.h \
	lib/backend/host.c \
	lib/backend/host.h \
	lib/backend/ingress.c \
	lib/backend/ingress.h \
	lib/backend/lane.c \
	lib/backend/lane.h \
	lib/backend/link.c \
	lib/backend/link.h \
	lib/backend/managed.c \
	lib/backend/managed.h \
	lib/backend/mirror.c \
	lib/backend/mirror.h \
	lib/backend/neigh.c \
	lib/backend/neigh.h \
	lib/backend/netlink.c \
	lib/backend/netlink.h \
	lib/backend/nft.c \
	lib/backend/nft.h \
	lib/backend/raw.c \
	lib/backend/raw.h \
	lib/backend/ring.c \
	lib/backend/ring.h \
	lib/backend/route.c \
	lib/backend/route.h \
	lib/backend/send.c \
	lib/backend/send.h \
	lib/backend/set.c \
	lib/backend/set.h \
	lib/backend/taken.c \
	lib/backend/taken.h \
	lib/backend/virtual.c \
	lib/backend/vnet.c \
	lib/backend/vnet.h
lib_libcore_la_LIBADD += $(NFTNL_LIBS)
endif
