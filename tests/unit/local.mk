# Unit tests by libcheck: a file a module, named as facts. They link the
# archives, so they reach what the libraries hide.
if HAVE_CHECK
check_PROGRAMS += tests/unit/core
TESTS += tests/unit/core
tests_unit_core_SOURCES = tests/unit/main.c tests/unit/unit.h \
	tests/unit/core.c tests/unit/test_base.c tests/unit/test_timer.c \
	tests/unit/sched_trace.h \
	tests/unit/slow.h \
	tests/unit/test_sched.c \
	tests/unit/test_service.c \
	tests/unit/test_snapshot.c \
	tests/unit/test_addr.c \
	tests/unit/lone_balancer.c \
	tests/unit/lone_balancer.h \
	tests/unit/test_balancer.c \
	tests/unit/test_balancer_bounds.c \
	tests/unit/test_balancer_change.c \
	tests/unit/test_balancer_explain.c \
	tests/unit/test_conn.c \
	tests/unit/test_csum.c \
	tests/unit/test_forward.c \
	tests/unit/test_misuse.c \
	tests/unit/test_check.c \
	tests/unit/test_monitor.c \
	tests/unit/test_monitor_host.c \
	tests/unit/test_monitor_time.c \
	tests/unit/told_monitor.c \
	tests/unit/told_monitor.h \
	tests/unit/sample.c \
	tests/unit/sample.h \
	tests/unit/test_packet.c \
	tests/unit/test_reply.c
if WITH_RAW
tests_unit_core_SOURCES += tests/unit/network.h tests/unit/backend_parts.h \
	tests/unit/test_backend.c \
	tests/unit/test_backend_filter.c \
	tests/unit/test_backend_host.c \
	tests/unit/test_backend_packets.c \
	tests/unit/test_news.c
endif
tests_unit_core_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
# a kernel without huge pages
tests_unit_core_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=madvise
tests_unit_core_LDADD = lib/libcore.la $(CHECK_LIBS)

# Memory that runs out: the linker wraps the allocator.
wrapped_allocator = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc \
	-Wl,--wrap=realloc -Wl,--wrap=reallocarray -Wl,--wrap=free \
	-Wl,--wrap=aligned_alloc -Wl,--wrap=posix_memalign \
	-Wl,--wrap=strdup -Wl,--wrap=strndup -Wl,--wrap=mmap \
	-Wl,--wrap=munmap
check_PROGRAMS += tests/unit/fault
TESTS += tests/unit/fault
tests_unit_fault_SOURCES = tests/unit/main.c tests/unit/unit.h \
	tests/unit/fault.c tests/unit/fault.h tests/unit/test_fault.c \
	tests/unit/network.h tests/unit/slow.h tests/unit/test_path.c
tests_unit_fault_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_fault_LDFLAGS = $(wrapped_allocator)
tests_unit_fault_LDADD = lib/libcore.la $(CHECK_LIBS)

# System calls that fail, the same way.
wrapped_kernel = $(wrapped_allocator) -Wl,--wrap=socket -Wl,--wrap=accept4 \
	-Wl,--wrap=bind -Wl,--wrap=connect -Wl,--wrap=listen \
	-Wl,--wrap=epoll_create1 -Wl,--wrap=epoll_ctl -Wl,--wrap=epoll_wait \
	-Wl,--wrap=eventfd -Wl,--wrap=getrandom -Wl,--wrap=getsockname \
	-Wl,--wrap=getsockopt -Wl,--wrap=setsockopt -Wl,--wrap=poll -Wl,--wrap=read \
	-Wl,--wrap=write -Wl,--wrap=send -Wl,--wrap=recv -Wl,--wrap=sendto \
	-Wl,--wrap=sendmsg -Wl,--wrap=sendmmsg -Wl,--wrap=recvmsg -Wl,--wrap=flock \
	-Wl,--wrap=fchmod -Wl,--wrap=fchmodat -Wl,--wrap=unlinkat -Wl,--wrap=fstat \
	-Wl,--wrap=fstatat -Wl,--wrap=mkdir -Wl,--wrap=open
check_PROGRAMS += tests/unit/refuse
TESTS += tests/unit/refuse
tests_unit_refuse_SOURCES = tests/unit/main.c tests/unit/unit.h \
	tests/unit/fault.c tests/unit/fault.h tests/unit/refuse.c \
	tests/unit/refuse.h tests/unit/network.h tests/unit/test_refuse.c
tests_unit_refuse_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_refuse_LDFLAGS = $(wrapped_kernel)
tests_unit_refuse_LDADD = lib/libcore.la $(CHECK_LIBS)

if WITH_DIRECTOR
check_PROGRAMS += tests/unit/node
TESTS += tests/unit/node
tests_unit_node_SOURCES = tests/unit/main.c tests/unit/unit.h \
	tests/unit/node.c tests/unit/test_apply.c \
	tests/unit/running_node.c tests/unit/running_node.h \
	tests/unit/test_director.c \
	tests/unit/test_director_health.c \
	tests/unit/test_director_resets.c \
	tests/unit/test_director_workers.c \
	tests/unit/any_model.c tests/unit/any_model.h \
	tests/unit/slow.h \
	tests/unit/test_config.c \
	tests/unit/test_model.c \
	tests/unit/test_settings.c \
	tests/unit/test_reload.c \
	tests/unit/test_picks.c tests/unit/sched_trace.h \
	tests/unit/test_rules.c
if WITH_EV
tests_unit_node_SOURCES += tests/unit/test_ev.c
endif
if WITH_CONTROL
tests_unit_node_SOURCES += tests/unit/served.h \
	tests/unit/test_control.c \
	tests/unit/test_interrupt.c \
	tests/unit/test_lists.c \
	tests/unit/test_orders.c
endif
tests_unit_node_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_node_LDADD = lib/libnode.la lib/libcore.la $(CHECK_LIBS)

check_PROGRAMS += tests/unit/fault_node
TESTS += tests/unit/fault_node
tests_unit_fault_node_SOURCES = tests/unit/main.c tests/unit/unit.h \
	tests/unit/fault.c tests/unit/fault.h tests/unit/test_fault_node.c
if WITH_CONTROL
tests_unit_fault_node_SOURCES += tests/unit/test_fault_control.c
endif
tests_unit_fault_node_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_fault_node_LDFLAGS = $(wrapped_allocator)
tests_unit_fault_node_LDADD = lib/libnode.la lib/libcore.la $(CHECK_LIBS) \
	$(EV_LIBS)
if WITH_CONTROL
check_PROGRAMS += tests/unit/refuse_node
TESTS += tests/unit/refuse_node
tests_unit_refuse_node_SOURCES = tests/unit/main.c tests/unit/unit.h \
	tests/unit/fault.c tests/unit/fault.h tests/unit/refuse.c \
	tests/unit/refuse.h tests/unit/test_refuse_node.c
tests_unit_refuse_node_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_refuse_node_LDFLAGS = $(wrapped_kernel)
tests_unit_refuse_node_LDADD = lib/libnode.la lib/libcore.la $(CHECK_LIBS)
endif
endif
endif
