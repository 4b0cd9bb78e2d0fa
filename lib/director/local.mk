lib_libnode_la_SOURCES += \
	lib/director/apply.c \
	lib/director/apply.h \
	lib/director/claim.c \
	lib/director/difference.c \
	lib/director/director.c \
	lib/director/director.h \
	lib/director/drains.c \
	lib/director/event.c \
	lib/director/explanation.c \
	lib/director/figures.c \
	lib/director/health.c \
	lib/director/homes.c \
	lib/director/listing.c \
	lib/director/live.c \
	lib/director/passive.c \
	lib/director/place.c \
	lib/director/publish.c \
	lib/director/question.h \
	lib/director/serving.c \
	lib/director/settings.c \
	lib/director/start.c \
	lib/director/state.c \
	lib/director/tell.c \
	lib/director/worker.c \
	lib/director/worker.h
