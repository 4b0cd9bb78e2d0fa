/*
 * What a client tells a node by ipvsadm's words and ours, and what it is told:
 * drains, saving and restoring, wrong words, the file's differences, news.
 */
#include "unit.h"

#include <lvs/config.h>

#include "served.h"

START_TEST(a_drain_is_seen_and_undone)
{
	start();
	add_rules();
	ck_assert_int_eq(say("drain -t 192.0.2.1:80 -r 10.0.0.3:80"), 0);
	ck_assert_int_eq(say("-L --json -t 192.0.2.1:80"), 0);
	ck_assert_ptr_nonnull(strstr(answer.at, "\"drain\": true"));
	ck_assert_int_eq(say("undrain -t 192.0.2.1:80 -r 10.0.0.3"), 0);
	ck_assert_int_eq(say("-L --json -t 192.0.2.1:80"), 0);
	ck_assert_ptr_null(strstr(answer.at, "\"drain\": true"));
	ck_assert_int_eq(say("drain -t 192.0.2.1:80 -r 10.0.0.9:80"), -ENOENT);
	ck_assert_str_eq(message,
			 "there is no server 10.0.0.9:80 in the service tcp "
			 "192.0.2.1:80; lvsadm -Ln lists all");
}
END_TEST

START_TEST(what_may_not_have_been_meant_is_noted)
{
	static const char service[] = "tcp 192.0.2.7:80 has no server left for "
				      "new connections";

	start();
	ck_assert_int_eq(say("-A -t 192.0.2.7:80"), 0);
	/* the first one, one of no NAT beside it, one that says so */
	ck_assert_int_eq(say("-a -t 192.0.2.7:80 -r 10.0.0.1"), 0);
	ck_assert_str_eq(message, "");
	ck_assert_int_eq(say("-a -t 192.0.2.7:80 -r 10.0.0.2"), 0);
	ck_assert_str_eq(message, "");
	ck_assert_int_eq(say("-e -t 192.0.2.7:80 -r 10.0.0.1 -m"), 0);
	ck_assert_int_eq(say("-e -t 192.0.2.7:80 -r 10.0.0.2 -m"), 0);
	ck_assert_str_eq(message, "");
	/* a weight, and what comes with it */
	ck_assert_int_eq(say("-e -t 192.0.2.7:80 -r 10.0.0.2 -w 3"), 0);
	ck_assert_str_eq(message, "10.0.0.2:80 is now reached by dr, it was "
				  "nat; the others of this service by nat: -m "
				  "meant?");
	ck_assert_int_eq(say("-e -t 192.0.2.7:80 -r 10.0.0.2 -w 4"), 0);
	ck_assert_str_eq(message, "");
	ck_assert_int_eq(say("-d -t 192.0.2.7:80 -r 10.0.0.2"), 0);
	ck_assert_int_eq(say("--json -a -t 192.0.2.7:80 -r 10.0.0.2"), 0);
	ck_assert_ptr_nonnull(strstr(answer.at,
				     "\"note\": \"10.0.0.2:80 is now "
				     "reached by dr; the others"));
	ck_assert_int_eq(say("-d -t 192.0.2.7:80 -r 10.0.0.2 "), 0);
	/* the last server, taken by each way there is */
	ck_assert_int_eq(say("drain -t 192.0.2.7:80 -r 10.0.0.1"), 0);
	ck_assert_str_eq(message, service);
	ck_assert_int_eq(say("undrain -t 192.0.2.7:80 -r 10.0.0.1"), 0);
	ck_assert_str_eq(message, "");
	ck_assert_int_eq(say("-e -t 192.0.2.7:80 -r 10.0.0.1 -m -w 0"), 0);
	ck_assert_str_eq(message, service);
	ck_assert_int_eq(say("-d -t 192.0.2.7:80 -r 10.0.0.1"), 0);
	ck_assert_str_eq(message, "");
}
END_TEST

START_TEST(what_is_saved_is_restored)
{
	static struct text saved;

	start();
	add_rules();
	ck_assert_int_eq(say_with("-S -n", NULL, &saved), 0);
	ck_assert_int_eq(say("-C"), 0);
	ck_assert_int_eq(say("-Ln"), 0);
	ck_assert_ptr_null(strstr(answer.at, "TCP"));
	ck_assert_msg(say_with("-R", saved.at, &answer) == 0, "%s", message);
	ck_assert_int_eq(say("-S"), 0);
	ck_assert_str_eq(answer.at, saved.at);
}
END_TEST

START_TEST(a_long_restore_is_one_transaction)
{
	size_t size = 1 << 20, length = 0;
	char *text = malloc(size);

	ck_assert_ptr_nonnull(text);
	start();
	for (unsigned int i = 0; i < 5000; i++)
		length += (size_t)snprintf(text + length, size - length,
					   "-A -t 10.%u.%u.1:80 -s rr\n",
					   i / 250, i % 250);
	ck_assert_uint_gt(length, 100000);
	snprintf(text + length, size - length, "-A -t nonsense\n");
	ck_assert_int_lt(say_with("-R", text, &answer), 0);
	ck_assert_ptr_nonnull(strstr(message, "5001"));
	ck_assert_int_eq(say("-Sn"), 0);
	ck_assert_ptr_null(strstr(answer.at, "-A"));
	text[length] = '\0';
	ck_assert_msg(say_with("-R", text, &answer) == 0, "%s", message);
	ck_assert_int_eq(say("-L -t 10.19.249.1:80"), 0);
	free(text);
}
END_TEST

START_TEST(wrong_words_say_what_is_wrong)
{
	static const struct {
		const char *words;
		const char *message;
	} all[] = {
		{"-L -S", "-S: only one command is possible"},
		{"-L -A", "-A: only one command is possible"},
		{"-n -L --set 1 2 3", "--set: only one command is possible"},
		{"-L --nonsense",
		 "found '--nonsense', expected an option of ipvsadm"},
		{"-L --stat", "found '--stat', expected an option of ipvsadm; "
			      "is --stats meant?"},
		{"-L --stats=1",
		 "found '--stats=1', expected no value for this option"},
		{"-L -w 5", "-w: not an option of this command"},
		{"-Lnq", "found '-Lnq', expected an option of ipvsadm"},
		{"-L -f 1", "-f (--fwmark-service) is not built yet"},
		{"-L -c --stats",
		 "--stats: cannot be combined with the option before it"},
		{"-L -t 192.0.2.1:80 -u 192.0.2.1:80", "-u: one service only"},
		{"-L -n what",
		 "what: an option is expected before it (-t, -u)"},
		{"drian -t 192.0.2.1:80 -r 10.0.0.1",
		 "drian: no such command; did you mean drain?"},
		{"event", "event: no such command; did you mean events?"},
		{"list", "list: no such command; lvsadm --help lists all"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: no "
		 "such command; lvsadm --help lists all"},
		{"-S --stats", "--stats: is for -L only"},
		{"-S --exact", "--exact: is for -L only"},
		{"-L -t", "-t: found nothing after it, expected a value"},
		{"-L --tcp-service=", "virtual: not an address and port: "},
		{"-L -t nonsense",
		 "virtual: not an address and port: nonsense"},
		{"-L -t 192.0.2.9:1",
		 "there is no service tcp 192.0.2.9:1; lvsadm -Ln lists all"},
		{"-Z -u 192.0.2.9:1",
		 "there is no service udp 192.0.2.9:1; lvsadm -Ln lists all"},
		{"-L -c -t 192.0.2.1:80",
		 "192.0.2.1:80: leave the service out: this list is always of "
		 "all"},
		{"events now", "now: not expected here; events stands alone"},
		{"drain 192.0.2.1:80",
		 "192.0.2.1:80: not expected here; say: lvsadm drain -t|-u "
		 "SERVICE -r DEST"},
		{"drain -t 192.0.2.1:80 -w 5",
		 "-w: not expected here; say: lvsadm drain -t|-u SERVICE -r "
		 "DEST"},
		{"drain -t 192.0.2.1:80 -r",
		 "-r: found nothing after it, expected a value"},
		{"explain -r 10.0.0.1",
		 "-r: not expected here; say: lvsadm explain -t|-u SERVICE "
		 "CLIENT:PORT"},
		{"drain -t 192.0.2.1:80",
		 "drain: which dest? say: lvsadm drain -t|-u SERVICE -r DEST"},
		{"drain", "drain: which service? say: lvsadm drain -t|-u "
			  "SERVICE -r DEST"},
		{"explain 1.2.3.4:5",
		 "explain: which service? say: lvsadm explain -t|-u SERVICE "
		 "CLIENT:PORT"},
		{"explain -t 192.0.2.1:80 [2001:db8::1]:9",
		 "client and virtual address are of two families"},
	};

	start();
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		ck_assert_msg(say(all[i].words) < 0, "%s", all[i].words);
		ck_assert_str_eq(message, all[i].message);
		ck_assert_str_eq(answer.at, "");
	}
	still_serves();
}
END_TEST

/* A value may follow its option in every way, whichever the command. */
START_TEST(every_command_reads_words_alike)
{
	static const char *const services[] = {
		"-t 192.0.2.1:80",
		"-t192.0.2.1:80",
		"-t=192.0.2.1:80",
		"--tcp-service 192.0.2.1:80",
		"--tcp-service=192.0.2.1:80",
	};
	static const char *const dests[] = {
		"-r 10.0.0.3:80",
		"-r10.0.0.3:80",
		"-r=10.0.0.3:80",
		"--real-server 10.0.0.3:80",
		"--real-server=10.0.0.3:80",
	};
	static const struct {
		const char *before;
		bool dest;
		const char *after;
	} commands[] = {
		{"-E", false, "-s=wlc"},
		{"-e", true, "-m"},
		{"-L", false, "--stats"},
		{"-Ln", false, ""},
		{"-n --exact", false, "--list"},
		{"-Z", false, ""},
		{"drain", true, ""},
		{"undrain", true, ""},
		{"explain", false, "203.0.113.1:9"},
	};
	char words[160];

	start();
	add_rules();
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		for (size_t n = 0; n < 5; n++) {
			snprintf(words, sizeof(words), "%s %s %s %s",
				 commands[i].before, services[n],
				 commands[i].dest ? dests[n] : "",
				 commands[i].after);
			ck_assert_msg(say(words) == 0, "%s: %s", words,
				      message);
		}
}
END_TEST

START_TEST(what_differs_from_the_file_is_told_with_its_place)
{
	static const char text[] = "virtual_server 192.0.2.1 80 {\n"
				   "\tlvs_method NAT\n"
				   "\treal_server 10.0.0.1 80 {\n"
				   "\t\tweight 1\n"
				   "\t}\n"
				   "\treal_server 10.0.0.2 80 {\n"
				   "\t\tweight 2\n"
				   "\t}\n"
				   "}\n"
				   "lvs_backend {\n"
				   "\ttype none\n"
				   "\tconnections 65536\n"
				   "}\n";
	struct lvs_model *file;

	ck_assert_msg(lvs_config_parse(&file, "/etc/s\xc3\xa4t.conf", text,
				       strlen(text), message, sizeof(message),
				       NULL, NULL) == 0,
		      "%s", message);
	ck_assert_msg(lvs_director_reload(director, file, message,
					  sizeof(message), clock_now()) == 1,
		      "%s", message);
	lvs_model_free(file);
	start();
	ck_assert_int_eq(say("diff"), 0);
	ck_assert_str_eq(answer.at, "what runs is what the file says\n");
	ck_assert_int_eq(say("diff --json"), 0);
	ck_assert_str_eq(answer.at, "{\"done\": true}\n");
	ck_assert_int_eq(say("-d -t 192.0.2.1:80 -r 10.0.0.1:80"), 0);
	ck_assert_int_eq(say("-e -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 9"), 0);
	ck_assert_int_eq(say("-a -t 192.0.2.1:80 -r 10.0.0.3:80 -m"), 0);
	ck_assert_int_eq(say("-A -u 192.0.2.1:53 -s rr"), 0);
	ck_assert_int_eq(say("diff"), 0);
	ck_assert_str_eq(
		answer.at,
		"- only in the file, + only running, ~ from the file's value "
		"to the running one\n"
		"- tcp 192.0.2.1:80 -> 10.0.0.1:80 (/etc/s??t.conf:3)\n"
		"~ tcp 192.0.2.1:80 -> 10.0.0.2:80 weight 2 to 9 "
		"(/etc/s??t.conf:6)\n"
		"+ tcp 192.0.2.1:80 -> 10.0.0.3:80 weight 1 nat\n"
		"+ udp 192.0.2.1:53 rr\n");
	ck_assert_int_eq(say("-C"), 0);
	ck_assert_int_eq(say("diff"), 0);
	ck_assert_ptr_nonnull(
		strstr(answer.at, "\n- tcp 192.0.2.1:80 (/etc/s??t.conf:1)\n"));
}
END_TEST

START_TEST(events_come_to_who_asked)
{
	char text[4096];
	int fd;

	start();
	fd = connect_raw();
	put(fd, "{\"version\": 1, \"request\": \"events\"}\n");
	ck_assert(get(fd, text, sizeof(text)));
	ck_assert_int_eq(say(rules[0]), 0);
	ck_assert_int_gt(recv(fd, text, sizeof(text) - 1, 0), 0);
	ck_assert_ptr_nonnull(strstr(text, "\"kind\": \"service_added\""));
	ck_assert_ptr_nonnull(strstr(text, "tcp 192.0.2.1:80 added"));
	close(fd);
}
END_TEST

Suite *orders_suite(void)
{
	Suite *suite = suite_create("orders");
	TCase *tcase = tcase_create("orders");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_drain_is_seen_and_undone);
	tcase_add_test(tcase, what_is_saved_is_restored);
	tcase_add_test(tcase, a_long_restore_is_one_transaction);
	tcase_add_test(tcase, wrong_words_say_what_is_wrong);
	tcase_add_test(tcase, what_may_not_have_been_meant_is_noted);
	tcase_add_test(tcase, every_command_reads_words_alike);
	tcase_add_test(tcase,
		       what_differs_from_the_file_is_told_with_its_place);
	tcase_add_test(tcase, events_come_to_who_asked);
	suite_add_tcase(suite, tcase);
	return suite;
}
