lib_libcore_la_SOURCES += \
	lib/backend/backend.c \
	lib/backend/backend.h \
	lib/backend/event.c
if WITH_RAW
lib_libcore_la_SOURCES += \
	lib/backend/host/address.c \
	lib/backend/host/address.h \
	lib/backend/host/aside.c \
	lib/backend/host/aside.h \
	lib/backend/host/chain.c \
	lib/backend/host/device.c \
	lib/backend/host/device.h \
	lib/backend/host/home.c \
	lib/backend/host/home.h \
	lib/backend/host/ingress.c \
	lib/backend/host/ingress.h \
	lib/backend/host/leftover.c \
	lib/backend/host/leftover.h \
	lib/backend/host/link.c \
	lib/backend/host/link.h \
	lib/backend/host/listener.c \
	lib/backend/host/listener.h \
	lib/backend/host/managed.c \
	lib/backend/host/managed.h \
	lib/backend/host/mirror.c \
	lib/backend/host/mirror.h \
	lib/backend/host/neigh.c \
	lib/backend/host/neigh.h \
	lib/backend/host/netlink.c \
	lib/backend/host/netlink.h \
	lib/backend/host/news.c \
	lib/backend/host/news.h \
	lib/backend/host/nft.c \
	lib/backend/host/nft.h \
	lib/backend/host/reverse.c \
	lib/backend/host/reverse.h \
	lib/backend/host/route.c \
	lib/backend/host/route.h \
	lib/backend/host/set.c \
	lib/backend/host/set.h \
	lib/backend/host/vanish.c \
	lib/backend/host/virtual.c \
	lib/backend/host/virtual.h \
	lib/backend/host/way.c \
	lib/backend/host/way.h \
	lib/backend/raw/claim.c \
	lib/backend/raw/filter.c \
	lib/backend/raw/filter.h \
	lib/backend/raw/hold.c \
	lib/backend/raw/hold.h \
	lib/backend/raw/hop.c \
	lib/backend/raw/hop.h \
	lib/backend/raw/lane.c \
	lib/backend/raw/lane.h \
	lib/backend/raw/raw.c \
	lib/backend/raw/raw.h \
	lib/backend/raw/ring.c \
	lib/backend/raw/ring.h \
	lib/backend/raw/send.c \
	lib/backend/raw/send.h \
	lib/backend/raw/taken.c \
	lib/backend/raw/taken.h \
	lib/backend/raw/vnet.c \
	lib/backend/raw/vnet.h \
	lib/backend/raw/warn.c
lib_libcore_la_LIBADD += $(NFTNL_LIBS)
endif
