/*
 * What a backend tells: the queue that it waits in, and its words.
 */
#include <errno.h>
#include <lvs/backend.h>
#include <string.h>

#include "backend/host/news.h"
#include "unit.h"

/* ---- the queue */

static struct lvs_backend_event numbered(uint32_t port)
{
	return (struct lvs_backend_event){
		.kind = LVS_BACKEND_PORT_TAKEN,
		.port = port,
	};
}

static void add(struct lvs__news *news, uint32_t port)
{
	struct lvs_backend_event event = numbered(port);

	lvs__news_add(news, &event);
}

static uint32_t pop(struct lvs__news *news)
{
	struct lvs_backend_event event;

	return lvs__news_pop(news, &event) == 1 ? event.port : 0;
}

START_TEST(events_come_out_as_they_went_in)
{
	struct lvs__news news = {0};

	ck_assert_uint_eq(pop(&news), 0);
	for (uint32_t round = 0; round < 3; round++) {
		for (uint32_t i = 1; i <= 40; i++)
			add(&news, i);
		for (uint32_t i = 1; i <= 40; i++)
			ck_assert_uint_eq(pop(&news), i);
		ck_assert_uint_eq(pop(&news), 0);
	}
	lvs__news_close(&news);
}
END_TEST

START_TEST(the_queue_is_bounded_and_keeps_the_oldest)
{
	struct lvs__news news = {0};

	for (uint32_t i = 1; i <= LVS__NEWS + 10; i++)
		add(&news, i);
	ck_assert_uint_le(news.room, LVS__NEWS);
	for (uint32_t i = 1; i <= LVS__NEWS; i++)
		ck_assert_uint_eq(pop(&news), i);
	ck_assert_uint_eq(pop(&news), 0);
	add(&news, 7);
	ck_assert_uint_eq(pop(&news), 7);
	lvs__news_close(&news);
}
END_TEST

START_TEST(what_keeps_packets_away_is_a_warning)
{
	static const struct {
		uint32_t kind;
		const char *addr;
		const char *interface;
		uint32_t level;
	} cases[] = {
		{LVS_BACKEND_ADDRESS_ADDED, "192.0.2.1", "lo", LVS_LOG_NOTICE},
		{LVS_BACKEND_ADDRESS_ADDED, "::2", "eth0", LVS_LOG_NOTICE},
		{LVS_BACKEND_ADDRESS_ADDED, "::2", "lo", LVS_LOG_WARNING},
		{LVS_BACKEND_ADDRESS_FOUND, "::2", "lo", LVS_LOG_NOTICE},
		{LVS_BACKEND_ADDRESS_BACK, "::2", "eth0", LVS_LOG_WARNING},
		{LVS_BACKEND_ADDRESS_GONE, "::2", "eth0", LVS_LOG_WARNING},
		{LVS_BACKEND_SERVER_LOCAL, "::2", "", LVS_LOG_WARNING},
	};
	struct lvs__news news = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lvs_backend_event event = {.kind = cases[i].kind};

		ck_assert_int_eq(lvs_addr_parse(&event.addr, cases[i].addr), 0);
		strcpy(event.interface, cases[i].interface);
		lvs__news_add(&news, &event);
		ck_assert_int_eq(lvs__news_pop(&news, &event), 1);
		ck_assert_uint_eq(event.level, cases[i].level);
	}
	lvs__news_close(&news);
}
END_TEST

/* ---- the words */

static const char *words(struct lvs_backend_event event)
{
	static char text[256];
	int length = lvs_backend_event_format(&event, text, sizeof(text));

	ck_assert_int_eq(length, (int)strlen(text));
	return text;
}

static struct lvs_backend_event about(uint32_t kind, int error)
{
	struct lvs_backend_event event = {.kind = kind, .error = error};

	ck_assert_int_eq(lvs_addr_parse(&event.addr, "192.0.2.1"), 0);
	strcpy(event.interface, "eth0");
	return event;
}

START_TEST(each_kind_has_its_words)
{
	struct lvs_backend_event event;

	ck_assert_str_eq(words(about(LVS_BACKEND_ADDRESS_ADDED, 0)),
			 "virtual address 192.0.2.1 added to eth0");
	event = about(LVS_BACKEND_ADDRESS_ADDED, 0);
	strcpy(event.interface, "lo");
	ck_assert_str_eq(words(event),
			 "virtual address 192.0.2.1 added to lo: no network of "
			 "an interface holds it, so a router must send it to "
			 "this host");
	ck_assert_str_eq(words(about(LVS_BACKEND_ADDRESS_BACK, 0)),
			 "virtual address 192.0.2.1 vanished from eth0: put "
			 "back");
	ck_assert_str_eq(words(about(LVS_BACKEND_ADDRESS_GONE, -ENODEV)),
			 "virtual address 192.0.2.1 vanished with eth0: it "
			 "comes back with the interface");
	ck_assert_ptr_nonnull(
		strstr(words(about(LVS_BACKEND_ADDRESS_GONE, -EPERM)),
		       lvs_strerror(-EPERM)));
	event = about(LVS_BACKEND_ADDRESS_DUPLICATE, 0);
	ck_assert_str_eq(words(event),
			 "virtual address 192.0.2.1 on eth0: another host of "
			 "this link has it too");
	memcpy(event.mac, "\x02\0\0\xab\xcd\x01", 6);
	ck_assert_str_eq(words(event),
			 "virtual address 192.0.2.1 on eth0: another host of "
			 "this link has it too (02:00:00:ab:cd:01)");
	event = about(LVS_BACKEND_PORT_TAKEN, 0);
	event.protocol = LVS_TCP;
	event.port = 80;
	ck_assert_int_eq(strncmp(words(event), "tcp 192.0.2.1:80: ", 18), 0);
	ck_assert_ptr_nonnull(strstr(words(about(LVS_BACKEND_REVERSE_PATH, 0)),
				     "net.ipv4.conf.lo.rp_filter"));
	ck_assert_str_eq(words(about(LVS_BACKEND_NETWORK_UNUSED, 0)),
			 "virtual address 192.0.2.1: its network is on eth0, "
			 "which is not among the interfaces: what clients send "
			 "there is not balanced");
	ck_assert_str_eq(words(about(LVS_BACKEND_SERVER_UNUSED, 0)),
			 "NAT server 192.0.2.1 is reached through eth0, which "
			 "is not among the interfaces: its replies are not "
			 "seen");
	ck_assert_str_eq(words(about(LVS_BACKEND_SERVER_LOCAL, 0)),
			 "192.0.2.1 is an address of this host: a server there "
			 "is not reached (local node is not built yet)");
	ck_assert_str_eq(words(about(99, 0)), "event 99");
}
END_TEST

START_TEST(a_name_without_an_end_is_not_read_past)
{
	struct lvs_backend_event event = about(LVS_BACKEND_ADDRESS_ADDED, 0);

	memset(event.interface, 'x', sizeof(event.interface));
	ck_assert_str_eq(words(event),
			 "virtual address 192.0.2.1 added to xxxxxxxxxxxxxxx");
}
END_TEST

START_TEST(a_line_is_cut_and_its_length_told)
{
	struct lvs_backend_event event = about(LVS_BACKEND_ADDRESS_ADDED, 0);
	char text[10];

	ck_assert_int_eq(lvs_backend_event_format(&event, text, sizeof(text)),
			 39);
	ck_assert_str_eq(text, "virtual a");
	ck_assert_int_eq(lvs_backend_event_format(&event, NULL, 0), 39);
	ck_assert_int_eq(lvs_backend_event_format(&event, NULL, 1), -EINVAL);
	ck_assert_int_eq(lvs_backend_event_format(NULL, text, 10), -EINVAL);
}
END_TEST

Suite *news_suite(void)
{
	Suite *suite = suite_create("news");
	TCase *tcase = tcase_create("news");

	tcase_add_test(tcase, events_come_out_as_they_went_in);
	tcase_add_test(tcase, the_queue_is_bounded_and_keeps_the_oldest);
	tcase_add_test(tcase, what_keeps_packets_away_is_a_warning);
	tcase_add_test(tcase, each_kind_has_its_words);
	tcase_add_test(tcase, a_name_without_an_end_is_not_read_past);
	tcase_add_test(tcase, a_line_is_cut_and_its_length_told);
	suite_add_tcase(suite, tcase);
	return suite;
}
