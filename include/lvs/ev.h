/*
 * liblvs-director: liblvs objects on a libev loop.
 *
 * The only header that names libev, and only as an incomplete struct. The
 * object's descriptor and deadline are watched; when either comes it is
 * dispatched with the clock's time (CLOCK_MONOTONIC, milliseconds), then
 * `after` (may be NULL) is called on the loop's thread, to pop events. Inside
 * `after` the watch may be freed.
 */
#ifndef LVS_EV_H
#define LVS_EV_H

#include <lvs/control.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ev_loop;
struct lvs_ev;

/*
 * Each: 0, -EINVAL, -ENOMEM. The object must outlive the watch. `result` is
 * what dispatch returned.
 */
int lvs_ev_attach_monitor(struct lvs_ev **watch, struct ev_loop *loop,
			  struct lvs_monitor *monitor,
			  void (*after)(void *user, int result), void *user);
int lvs_ev_attach_director(struct lvs_ev **watch, struct ev_loop *loop,
			   struct lvs_director *director,
			   void (*after)(void *user, int result), void *user);
int lvs_ev_attach_worker(struct lvs_ev **watch, struct ev_loop *loop,
			 struct lvs_worker *worker,
			 void (*after)(void *user, int result), void *user);
int lvs_ev_attach_control(struct lvs_ev **watch, struct ev_loop *loop,
			  struct lvs_control *control,
			  void (*after)(void *user, int result), void *user);

/* Tells the watch that the deadline may have changed outside dispatch. */
void lvs_ev_update(struct lvs_ev *watch);

/* Ends the watch. NULL is allowed. */
void lvs_ev_free(struct lvs_ev *watch);

/* The clock's time as the library wants it: CLOCK_MONOTONIC, milliseconds. */
uint64_t lvs_ev_now(void);

#ifdef __cplusplus
}
#endif
#endif
