/*
 * Valid objects for the calls that test_null.py writes, and the call itself:
 * each in a child, ended after ten seconds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <lvs/lvs.h>
#ifdef WITH_DIRECTOR
#include <lvs/config.h>
#include <lvs/control.h>
#include <lvs/director.h>
#include <lvs/ev.h>
#include <lvs/rules.h>
#endif

static inline void *memory(void)
{
	static uint64_t room[512];

	return room;
}

static inline char *text(void)
{
	static char room[512] = "x";

	return room;
}

static inline struct lvs_addr *addr(void)
{
	static struct lvs_addr home;

	lvs_addr_parse(&home, "127.0.0.1");
	return &home;
}

static inline struct lvs_service *make_service(void)
{
	struct lvs_service *service = NULL;

	lvs_service_new(&service);
	lvs_service_set_address(service, addr(), 80, LVS_TCP);
	lvs_service_set_sched(service, "rr");
	return service;
}

static inline struct lvs_dest *make_dest(void)
{
	struct lvs_dest *dest = NULL;

	lvs_service_add_dest(make_service(), &dest, addr(), 81, 1);
	return dest;
}

#define MAKE(name, ...)                                    \
	static inline struct lvs_##name *make_##name(void) \
	{                                                  \
		struct lvs_##name *object = NULL;          \
                                                           \
		lvs_##name##_new(&object, ##__VA_ARGS__);  \
		return object;                             \
	}

MAKE(table, 16, 0)
MAKE(balancer, 16, 0)
MAKE(backend, "raw")
MAKE(check, "tcp")
MAKE(monitor)
#ifdef WITH_DIRECTOR
MAKE(model)

static inline struct lvs_director *make_director(void)
{
	struct lvs_director *director = NULL;
	struct lvs_model *model = make_model();

	lvs_model_set_text(model, LVS_MODEL_BACKEND, "none");
	lvs_model_set(model, LVS_MODEL_CONNECTIONS, 16);
	lvs_director_new(&director, model, NULL, 0, 1);
	return director;
}

static inline struct lvs_worker *make_worker(void)
{
	return lvs_director_worker(make_director(), 0);
}
#endif

/* Says "call NAME ARGUMENT RESULT", or how the child ended instead. */
#define CALL(name, what, expression)                                        \
	do {                                                                \
		pid_t child;                                                \
		int status;                                                 \
                                                                            \
		fflush(stdout);                                             \
		child = fork();                                             \
		if (child == 0) {                                           \
			alarm(10);                                          \
			printf("call %s %s %ld\n", name, what, expression); \
			fflush(stdout);                                     \
			_exit(0);                                           \
		}                                                           \
		if (waitpid(child, &status, 0) != child || status != 0)     \
			printf("call %s %s ended by %#x\n", name, what,     \
			       (unsigned int)status);                       \
	} while (0)
