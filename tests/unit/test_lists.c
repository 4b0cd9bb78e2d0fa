/*
 * What a client sees of a node: lists, connections, reasons. The lists are
 * judged by what ipvsadm 1.31 printed for the same services on Linux 6.1.
 */
#include "unit.h"

#include <lvs/monitor.h>

#include "model/model.h"
#include "served.h"
#include "slow.h"

START_TEST(a_list_is_as_ipvsadm_prints_it)
{
	start();
	add_rules();
	ck_assert_int_eq(say("-Ln"), 0);
	ck_assert_str_eq(
		answer.at,
		"IP Virtual Server version 0.1.0 (size=65536)\n"
		"Prot LocalAddress:Port Scheduler Flags\n"
		"  -> RemoteAddress:Port           Forward Weight ActiveConn "
		"InActConn\n"
		"TCP  192.0.2.1:80 wlc\n"
		"  -> 10.0.0.2:8080                Masq    5      0          0 "
		"        \n"
		"  -> 10.0.0.3:80                  Route   1000   0          0 "
		"        \n"
		"UDP  192.0.2.1:53 rr\n"
		"  -> 10.0.0.2:53                  Masq    1      0          0 "
		"        \n"
		"TCP  [2001:db8::1]:443 wrr\n"
		"  -> [2001:db8::3]:443            Route   1      0          0 "
		"        \n"
		"  -> [2001:db8:1:2:3:4:5:6]:8443  Masq    2147483647 0        "
		" "
		" 0         \n");
	/* no words at all are a list; one service has no first line */
	ck_assert_int_eq(say(""), 0);
	ck_assert_int_eq(strncmp(answer.at, "IP Virtual", 10), 0);
	ck_assert_int_eq(say("-L -n -u 192.0.2.1:53"), 0);
	ck_assert_str_eq(
		answer.at,
		"Prot LocalAddress:Port Scheduler Flags\n"
		"  -> RemoteAddress:Port           Forward Weight ActiveConn "
		"InActConn\n"
		"UDP  192.0.2.1:53 rr\n"
		"  -> 10.0.0.2:53                  Masq    1      0          0 "
		"        \n");
}
END_TEST

START_TEST(the_other_lists_are_too)
{
	start();
	add_rules();
	ck_assert_int_eq(say("-Ln --stats -t [2001:db8::1]:443"), 0);
	ck_assert_str_eq(
		answer.at,
		"Prot LocalAddress:Port               Conns   InPkts  OutPkts  "
		"InBytes OutBytes\n"
		"  -> RemoteAddress:Port\n"
		"TCP  [2001:db8::1]:443                   0        0        0  "
		"      0        0\n"
		"  -> [2001:db8::3]:443                   0        0        0  "
		"      0        0\n"
		"  -> [2001:db8:1:2:3:4:5:6]:8443         0        0        0  "
		"      0        0\n");
	ck_assert_int_eq(say("-Ln --rate -u 192.0.2.1:53"), 0);
	ck_assert_str_eq(
		answer.at,
		"Prot LocalAddress:Port                 CPS    InPPS   OutPPS  "
		"  InBPS   OutBPS\n"
		"  -> RemoteAddress:Port\n"
		"UDP  192.0.2.1:53                        0        0        0  "
		"      0        0\n"
		"  -> 10.0.0.2:53                         0        0        0  "
		"      0        0\n");
	ck_assert_int_eq(say("--list --thresholds -t 192.0.2.1:80"), 0);
	ck_assert_str_eq(
		answer.at,
		"Prot LocalAddress:Port            Uthreshold Lthreshold "
		"ActiveConn InActConn \n"
		"  -> RemoteAddress:Port\n"
		"TCP  192.0.2.1:80 wlc\n"
		"  -> 10.0.0.2:8080                100        50         0     "
		"     0         \n"
		"  -> 10.0.0.3:80                  0          0          0     "
		"     0         \n");
	ck_assert_int_eq(say("-Lnc"), 0);
	ck_assert_str_eq(answer.at,
			 "IPVS connection entries\n"
			 "pro expire state       source             virtual    "
			 "        destination\n");
	ck_assert_int_eq(say("-L --daemon"), 0);
	ck_assert_str_eq(answer.at, "");
}
END_TEST

/* The first words of the list's lines, without titles. */
static void assert_names(const char *words, const char *expected)
{
	char names[512] = "", name[64], *save = NULL;
	const char *line;

	ck_assert_msg(say(words) == 0, "%s: %s", words, message);
	for (line = strtok_r(answer.at, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%*[TCPUD> -]%63s", name) == 1 &&
		    strchr("[123456789", name[0]) != NULL) {
			strcat(names, " ");
			strcat(names, name);
		}
	ck_assert_str_eq(names, expected);
}

START_TEST(lists_are_sorted_unless_told_not_to_be)
{
	static const char *const more[] = {
		"-A -t 192.0.2.1:79 -s rr",
		"-a -t 192.0.2.1:79 -r 10.0.0.9:80 -m",
		"-a -t 192.0.2.1:79 -r 10.0.0.10:80 -m",
		"-a -t 192.0.2.1:79 -r 10.0.0.10:8 -m",
		"-a -t 192.0.2.1:79 -r 9.255.255.255:80 -m",
		"-A -t [2001:db8::]:80 -s rr",
		"-A -t 192.0.1.255:443 -s rr",
	};
	static const char sorted[] =
		" 192.0.1.255:443 192.0.2.1:79 9.255.255.255:80 10.0.0.9:80 "
		"10.0.0.10:8 10.0.0.10:80 192.0.2.1:80 10.0.0.2:8080 "
		"10.0.0.3:80 192.0.2.1:53 10.0.0.2:53 [2001:db8::]:80 "
		"[2001:db8::1]:443 [2001:db8::3]:443 "
		"[2001:db8:1:2:3:4:5:6]:8443";

	start();
	add_rules();
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		ck_assert_msg(say(more[i]) == 0, "%s: %s", more[i], message);
	assert_names("-Ln", sorted);
	assert_names("", sorted);
	assert_names("-Ln --rate --nosort --sort", sorted);
	assert_names("-Ln --nosort",
		     " 192.0.2.1:80 10.0.0.2:8080 10.0.0.3:80 192.0.2.1:53 "
		     "10.0.0.2:53 [2001:db8::1]:443 [2001:db8::3]:443 "
		     "[2001:db8:1:2:3:4:5:6]:8443 192.0.2.1:79 "
		     "9.255.255.255:80 10.0.0.10:8 10.0.0.10:80 10.0.0.9:80 "
		     "[2001:db8::]:80 192.0.1.255:443");
	assert_names("-Ln -t 192.0.2.1:79",
		     " 192.0.2.1:79 9.255.255.255:80 10.0.0.9:80 10.0.0.10:8 "
		     "10.0.0.10:80");
	/* what restores the node has the oldest first, as it was */
	ck_assert_int_eq(say("-S"), 0);
	ck_assert_ptr_nonnull(strstr(answer.at, "10.0.0.9:80"));
	ck_assert(strstr(answer.at, "10.0.0.9:80") <
		  strstr(answer.at, "10.0.0.10:80"));
	ck_assert(strstr(answer.at, "10.0.0.10:8 ") <
		  strstr(answer.at, "9.255.255.255:80"));
}
END_TEST

/* ---- a node by its model */

static struct lvs_dest *add_dest(struct lvs_service *service, const char *name)
{
	struct lvs_dest *dest;
	struct lvs_addr addr;
	uint16_t port;

	ck_assert_int_eq(lvs_endpoint_parse(&addr, &port, name), 0);
	ck_assert_int_eq(lvs_service_add_dest(service, &dest, &addr, port, 1),
			 0);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_METHOD, LVS_NAT), 0);
	return dest;
}

static struct lvs_service *add_service(const char *name)
{
	struct lvs_service *service;
	struct lvs_addr addr;
	uint16_t port;

	ck_assert_int_eq(lvs_endpoint_parse(&addr, &port, name), 0);
	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, port, LVS_TCP),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service, "rr"), 0);
	ck_assert_int_eq(lvs_model_add_service(model, service), 0);
	return service;
}

static void apply_model(void)
{
	ck_assert_msg(lvs_director_apply(director, model, message,
					 sizeof(message), clock_now()) > 0,
		      "%s", message);
	lvs_worker_dispatch(lvs_director_worker(director, 0), clock_now(), 0);
}

static uint32_t first_verdict(void)
{
	uint8_t buffer[256] = {0};
	uint8_t *at = buffer + LVS_HEADROOM;
	struct lvs_outcome outcome;

	at[0] = 0x45;
	put16(at + 2, 40);
	at[8] = 64;
	at[9] = LVS_TCP;
	memcpy(at + 12, (const uint8_t[]){198, 51, 100, 7, 192, 0, 2, 1}, 8);
	put16(at + 10, 0xffff ^ slow_add(0, at, 20));
	put16(at + 20, 56390);
	put16(at + 22, 80);
	at[32] = 0x50;
	at[33] = LVS_TCP_SYN;
	ck_assert_int_eq(
		lvs_balancer_input(lvs_worker_balancer(
					   lvs_director_worker(director, 0)),
				   &outcome, buffer, LVS_HEADROOM, 40, 256,
				   clock_now()),
		0);
	return outcome.verdict;
}

START_TEST(connections_are_listed)
{
	add_dest(add_service("192.0.2.1:80"), "10.0.0.3:8080");
	apply_model();
	ck_assert_uint_eq(first_verdict(), LVS_FORWARD);
	start();
	ck_assert_int_eq(say("-L -n -c"), 0);
	ck_assert_ptr_nonnull(
		strstr(answer.at,
		       "  SYN_RECV    198.51.100.7:56390 192.0.2.1:80       "
		       "10.0.0.3:8080\n"));
	ck_assert(strstr(answer.at, "TCP 00:5") != NULL ||
		  strstr(answer.at, "TCP 01:00") != NULL);
	ck_assert_int_eq(say("-Ln -c --json"), 0);
	ck_assert_ptr_nonnull(strstr(answer.at, "\"state\": \"SYN_RECV\""));
	ck_assert_int_eq(say("reasons"), 0);
	ck_assert_ptr_nonnull(strstr(answer.at, "forwarded"));
	ck_assert_int_eq(say("explain -t 192.0.2.1:80 203.0.113.9:99"), 0);
	ck_assert_ptr_nonnull(strstr(answer.at, "10.0.0.3:8080"));
	ck_assert_int_eq(say("-Z"), 0);
	ck_assert_int_eq(say("-L --stats --json"), 0);
	ck_assert_ptr_nonnull(strstr(answer.at, "\"conns\": 0"));
}
END_TEST

/* ---- what a dest is, in a word */

/* Nobody listens at the target; the first attempt comes within `jitter`. */
static void add_check(struct lvs_service *service, struct lvs_dest *dest,
		      uint64_t jitter)
{
	struct lvs_check *check;
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, "127.0.0.1"), 0);
	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	ck_assert_int_eq(lvs_check_set_target(check, &addr, 1), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_INTERVAL, 100), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_JITTER, jitter), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_FALL, 1), 0);
	ck_assert_int_eq(lvs_model_add_check(model, service, dest, check), 0);
}

/* Lists until `text` is there. */
static void wait_for_list(const char *words, const char *text)
{
	for (int i = 0; i < 500; i++) {
		ck_assert_msg(say(words) == 0, "%s", message);
		if (strstr(answer.at, text) != NULL)
			return;
		poll(NULL, 0, 10);
	}
	ck_abort_msg("%s: never: %s\nbut: %s", words, text, answer.at);
}

static const char *const remarks[] = {
	"10.0.0.7:80                  Masq    1      0          0         \n",
	"10.0.0.6:80                  Masq    1      1          0          "
	"overload\n",
	"10.0.0.5:80                  Masq    0      0          0          "
	"checking\n",
	"10.0.0.3:80                  Masq    0      0          0          "
	"drained\n",
	"10.0.0.2:80                  Masq    0      0          0          "
	"quiescent\n",
};

static void add_one_of_each(void)
{
	struct lvs_service *service = add_service("192.0.2.1:80");

	lvs_dest_set(add_dest(service, "10.0.0.2:80"), LVS_DEST_WEIGHT, 0);
	lvs_dest_set(add_dest(service, "10.0.0.3:80"), LVS_DEST_DRAIN, 1);
	add_check(service, add_dest(service, "10.0.0.4:80"), 0);
	add_check(service, add_dest(service, "10.0.0.5:80"), INT32_MAX);
	lvs_dest_set(add_dest(service, "10.0.0.6:80"), LVS_DEST_UPPER, 1);
	apply_model();
	ck_assert_uint_eq(first_verdict(), LVS_FORWARD);
	add_dest(service, "10.0.0.7:80");
	apply_model();
}

START_TEST(a_dest_that_is_not_up_says_so_in_the_last_column)
{
	char *save = NULL;

	add_one_of_each();
	start();
	wait_for_list("-Ln", " down\n");
	wait_for_list("-Ln", " drained\n");
	for (size_t i = 0; i < sizeof(remarks) / sizeof(remarks[0]); i++)
		ck_assert_msg(strstr(answer.at, remarks[i]) != NULL, "%s\n%s",
			      remarks[i], answer.at);
	for (char *line = strtok_r(answer.at, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		ck_assert_uint_le(strlen(line), 80);
	ck_assert_int_eq(say("-L --json"), 0);
	ck_assert_ptr_nonnull(strstr(answer.at, "\"state\": \"quiescent\""));
	ck_assert_int_eq(say("-S"), 0);
	ck_assert_ptr_null(strstr(answer.at, "quiescent"));
}
END_TEST

static void must_list(const struct lvs__model_number *table, size_t count)
{
	char member[64];

	for (size_t i = 0; i < count; i++) {
		if (table[i].name == NULL)
			continue;
		snprintf(member, sizeof(member), "\"%s\": ", table[i].name);
		ck_assert_msg(strstr(answer.at, member) != NULL, "%s: %s",
			      member, answer.at);
	}
}

START_TEST(every_setting_is_a_member)
{
	add_one_of_each();
	start();
	ck_assert_int_eq(say("-L --json"), 0);
	must_list(lvs__model_services, LVS__SERVICE_OPTIONS);
	must_list(lvs__model_settings, LVS__MODEL_SETTINGS);
	must_list(lvs__model_dests, LVS__DEST_OPTIONS);
	ck_assert_ptr_nonnull(strstr(answer.at, "\"reset_interval\": 1000"));
}
END_TEST

START_TEST(health_says_since_when_and_why)
{
	static const char *const all[] = {
		"10.0.0.7:80                  up        0s       not checked\n",
		"10.0.0.6:80                  overload  -        "
		"upper threshold 1\n",
		"10.0.0.5:80                  checking  0s       "
		"no check has ended yet\n",
		"10.0.0.4:80                  down      0s       refused\n",
		"10.0.0.3:80                  drained   0s       "
		"no active connection\n",
		"10.0.0.2:80                  quiescent 0s       weight 0\n",
	};

	add_one_of_each();
	start();
	wait_for_list("-L --health", " down ");
	wait_for_list("-L --health", " drained ");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		ck_assert_msg(strstr(answer.at, all[i]) != NULL, "%s\n%s",
			      all[i], answer.at);
	__atomic_store_n(&skew, 3723000, __ATOMIC_RELEASE);
	wait_for_list("-L --health", "quiescent 1h2m     weight 0\n");
	__atomic_store_n(&skew, 93784000, __ATOMIC_RELEASE);
	wait_for_list("-L --health", "quiescent 1d2h     weight 0\n");
}
END_TEST

START_TEST(a_long_address_widens_all_lines)
{
	struct lvs_service *service = add_service("[2001:db8::1]:80");
	const char *address, *title;

	add_dest(service, "[2001:db8:1111:2222:3333:4444:5555:6666]:8080");
	add_dest(service, "[2001:db8::2]:80");
	add_service("192.0.2.1:80");
	apply_model();
	start();
	ck_assert_int_eq(say("-Ln"), 0);
	title = strstr(answer.at, "Forward");
	ck_assert_ptr_nonnull(title);
	title = strchr(strstr(answer.at, "  -> Remote"), 'F');
	for (address = strstr(answer.at, "  -> ["); address != NULL;
	     address = strstr(address + 1, "  -> ["))
		ck_assert_int_eq(strstr(address, " Masq") + 1 - address,
				 title - strstr(answer.at, "  -> Remote"));
	ck_assert_int_eq(say("-Ln --stats"), 0);
	title = strstr(answer.at, "    Conns");
	ck_assert_int_eq(title - strstr(answer.at, "Prot "), 5 + 45);
	ck_assert_ptr_nonnull(
		strstr(answer.at,
		       "TCP  192.0.2.1:80                                  "
		       "       0        0"));
	/* one service alone needs no more than its own */
	ck_assert_int_eq(say("-Ln -t 192.0.2.1:80"), 0);
	ck_assert_ptr_nonnull(
		strstr(answer.at, "RemoteAddress:Port           Forward"));
}
END_TEST

/* A SYN over IPv6. */
static void see(const char *from, const char *to)
{
	uint8_t buffer[256] = {0};
	uint8_t *at = buffer + LVS_HEADROOM;
	struct lvs_addr client, virtual_addr;
	struct lvs_outcome outcome;

	lvs_addr_parse(&client, from);
	lvs_addr_parse(&virtual_addr, to);
	at[0] = 0x60;
	put16(at + 4, 20);
	at[6] = LVS_TCP;
	at[7] = 64;
	memcpy(at + 8, client.bytes, 16);
	memcpy(at + 24, virtual_addr.bytes, 16);
	put16(at + 40, 1234);
	put16(at + 42, 80);
	at[52] = 0x50;
	at[53] = LVS_TCP_SYN;
	ck_assert_int_eq(
		lvs_balancer_input(lvs_worker_balancer(
					   lvs_director_worker(director, 0)),
				   &outcome, buffer, LVS_HEADROOM, 60, 256,
				   clock_now()),
		0);
	ck_assert_uint_eq(outcome.verdict, LVS_FORWARD);
}

START_TEST(a_wide_connection_widens_those_after_it)
{
	struct lvs_service *service = add_service("[2001:db8::1]:80");
	const char *first, *second;

	add_dest(service, "[2001:db8::2]:80");
	apply_model();
	see("2001:db8:1:2:3:4:5:6", "2001:db8::1");
	see("2001:db8::9", "2001:db8::1");
	start();
	ck_assert_int_eq(say("-Lnc"), 0);
	first = strstr(answer.at, "SYN_RECV");
	ck_assert_ptr_nonnull(first);
	second = strstr(first + 1, "SYN_RECV");
	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_nonnull(
		strstr(first, "[2001:db8:1:2:3:4:5:6]:1234 [2001:db8::1]:80"));
	if (strstr(second, "[2001:db8::9]:1234") != NULL)
		ck_assert_ptr_nonnull(
			strstr(second,
			       "[2001:db8::9]:1234          [2001:db8::1]:80"));
}
END_TEST

static void assert_lines_fit(void)
{
	for (const char *line = answer.at; *line != '\0';) {
		size_t length = strcspn(line, "\n");

		ck_assert_msg(length <= 80, "%zu columns: %.*s", length,
			      (int)length, line);
		line += length + (line[length] == '\n');
	}
}

START_TEST(long_addresses_fit_on_the_screen)
{
	struct lvs_service *service = add_service("[2001:db8::1]:80");
	const char *line;

	lvs_dest_set(add_dest(service, "[2001:db8:1111:2222::5555:6666]:8080"),
		     LVS_DEST_WEIGHT, 0);
	lvs_dest_set(add_dest(service,
			      "[2001:db8:1111:2222:3333:4444:5555:66]:8080"),
		     LVS_DEST_WEIGHT, 0);
	apply_model();
	start();
	ck_assert_int_eq(say("-Ln"), 0);
	assert_lines_fit();
	line = strstr(answer.at, ":66]:8080 Masq    0 ");
	ck_assert_ptr_nonnull(line);
	ck_assert_ptr_nonnull(strstr(line, " quiescent\n"));
	ck_assert_int_eq(say("explain -t [2001:db8::1]:80 [2001:db8::9]:99"),
			 0);
	assert_lines_fit();
	ck_assert_ptr_nonnull(strstr(answer.at, "\nverdict: drop (no_dest): "));
	ck_assert_ptr_nonnull(strstr(answer.at, "\n    "));
	/* the longest that there is */
	ck_assert_int_eq(say("-a -t [2001:db8::1]:80 -r "
			     "[2001:db8:1111:2222:3333:4444:5555:6666]:65535 "
			     "-m"),
			 0);
	ck_assert_int_eq(say("-Ln"), 0);
	assert_lines_fit();
	ck_assert_ptr_nonnull(strstr(answer.at, "6666]:65535 Masq    1 "));
	ck_assert_ptr_nonnull(
		strstr(answer.at, " Forward Weight Active InAct\n"));
}
END_TEST

START_TEST(reasons_fit_on_the_screen)
{
	size_t wrapped = 0;
	char *save = NULL;

	ck_assert_uint_eq(first_verdict(), LVS_PASS);
	start();
	ck_assert_int_eq(say("reasons --json"), 0);
	ck_assert_ptr_nonnull(
		strstr(answer.at, lvs_reason_text(LVS_REASON_NOT_OURS)));
	ck_assert_int_eq(say("reasons"), 0);
	ck_assert_int_eq(strncmp(answer.at,
				 "not_ours                  1  no service has",
				 43),
			 0);
	ck_assert_ptr_nonnull(strstr(answer.at, "\nworker 0: 1 in, "));
	for (char *line = strtok_r(answer.at, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		ck_assert_uint_le(strlen(line), 80);
		ck_assert(line[strlen(line) - 1] != ' ');
		wrapped += strspn(line, " ") == 29;
	}
	ck_assert_uint_ge(wrapped, 2);
}
END_TEST

Suite *lists_suite(void)
{
	Suite *suite = suite_create("lists");
	TCase *tcase = tcase_create("lists");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_list_is_as_ipvsadm_prints_it);
	tcase_add_test(tcase, the_other_lists_are_too);
	tcase_add_test(tcase, lists_are_sorted_unless_told_not_to_be);
	tcase_add_test(tcase, connections_are_listed);
	tcase_add_test(tcase, a_dest_that_is_not_up_says_so_in_the_last_column);
	tcase_add_test(tcase, every_setting_is_a_member);
	tcase_add_test(tcase, health_says_since_when_and_why);
	tcase_add_test(tcase, a_long_address_widens_all_lines);
	tcase_add_test(tcase, a_wide_connection_widens_those_after_it);
	tcase_add_test(tcase, long_addresses_fit_on_the_screen);
	tcase_add_test(tcase, reasons_fit_on_the_screen);
	suite_add_tcase(suite, tcase);
	return suite;
}
