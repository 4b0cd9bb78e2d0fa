/*
 * ipvsadm's rules: each is understood as ipvsadm(8) says, refused with a
 * clear word, or both ways the same.
 */
#include "unit.h"

#include <lvs/rules.h>
#include <stdio.h>

#include "any_model.h"
#include "slow.h"

static struct lvs_model *model;
static char message[512];

static void setup(void)
{
	ck_assert_int_eq(lvs_model_new(&model), 0);
	message[0] = '\0';
}

static void teardown(void)
{
	lvs_model_free(model);
}

/* Applies the words of a line, through lvs_rules_apply(). */
static int rule(const char *line)
{
	const char *words[64];
	char text[512];
	size_t count = 0;
	char *save = NULL;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok_r(text, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save))
		words[count++] = word;
	return lvs_rules_apply(model, words, count, message, sizeof(message));
}

static void must(const char *line)
{
	int error = rule(line);

	ck_assert_msg(error == 0, "%s: %d, %s", line, error, message);
}

static const char *saved(void)
{
	static char text[4096];

	ck_assert_int_lt(lvs_rules_save(model, text, sizeof(text)),
			 (int)sizeof(text));
	return text;
}

#define SET "--set 900 120 300\n"

/* ---- what is understood */

START_TEST(a_service_gets_wlc_unless_told)
{
	must("-A -t 192.0.2.1:80");
	must("-A -u 192.0.2.1:53 -s rr");
	ck_assert_str_eq(saved(), SET "-A -t 192.0.2.1:80 -s wlc\n"
				      "-A -u 192.0.2.1:53 -s rr\n");
}
END_TEST

START_TEST(a_server_gets_weight_1_and_direct_routing_unless_told)
{
	must("-A -t 192.0.2.1:80");
	must("-a -t 192.0.2.1:80 -r 10.0.0.1");
	must("-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 5 -x 100 -y 50");
	ck_assert_str_eq(saved(),
			 SET "-A -t 192.0.2.1:80 -s wlc\n"
			     "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1\n"
			     "-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 5 "
			     "-x 100 -y 50\n");
}
END_TEST

START_TEST(options_are_spelled_in_all_ways)
{
	static const char *const lines[] = {
		"-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 5",
		"-at 192.0.2.1:80 -r 10.0.0.1:80 -mw 5",
		"-a -t192.0.2.1:80 -r10.0.0.1:80 -m -w5",
		"-r 10.0.0.1 -w 5 -mat 192.0.2.1:80",
		"-a -t=192.0.2.1:80 -r=10.0.0.1 -mw=5",
		"--add-server --tcp-service 192.0.2.1:80 --real-server "
		"10.0.0.1:80 --masquerading --weight 5",
		"--add-server --tcp-service=192.0.2.1:80 "
		"--real-server=10.0.0.1 --masquerading --weight=5",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		must("-C");
		must("-A -t 192.0.2.1:80 -swrr");
		must(lines[i]);
		ck_assert_str_eq(saved(), SET
				 "-A -t 192.0.2.1:80 -s wrr\n"
				 "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 5\n");
	}
}
END_TEST

START_TEST(every_command_has_a_long_name)
{
	must("--add-service --udp-service [2001:db8::1]:53 --scheduler lc");
	must("--edit-service --udp-service [2001:db8::1]:53 --scheduler rr");
	must("--add-server --udp-service [2001:db8::1]:53 -r [fd00::1]:53 "
	     "--gatewaying --u-threshold 9 --l-threshold 8");
	must("--edit-server --udp-service [2001:db8::1]:53 -r fd00::1 "
	     "--weight 0");
	ck_assert_str_eq(saved(), SET
			 "-A -u [2001:db8::1]:53 -s rr\n"
			 "-a -u [2001:db8::1]:53 -r [fd00::1]:53 -g -w 0\n");
	must("--delete-server --udp-service [2001:db8::1]:53 -r fd00::1");
	must("--delete-service --udp-service [2001:db8::1]:53");
	must("--clear");
	ck_assert_str_eq(saved(), SET);
}
END_TEST

START_TEST(an_edit_sets_what_it_leaves_unsaid_to_its_default)
{
	must("-A -t 192.0.2.1:80 -s rr");
	must("-a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 9 -x 10 -y 5");
	must("-e -t 192.0.2.1:80 -r 10.0.0.1");
	must("-E -t 192.0.2.1:80");
	ck_assert_str_eq(saved(),
			 SET "-A -t 192.0.2.1:80 -s wlc\n"
			     "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1\n");
}
END_TEST

START_TEST(our_own_words_stay_over_an_edit)
{
	must("-A -t 192.0.2.1:80 --expire-nodest");
	must("-a -t 192.0.2.1:80 -r 10.0.0.1 --drain");
	must("-e -t 192.0.2.1:80 -r 10.0.0.1 -w 3");
	must("-E -t 192.0.2.1:80 -s rr");
	ck_assert_str_eq(saved(), SET
			 "-A -t 192.0.2.1:80 -s rr --expire-nodest\n"
			 "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 3 --drain\n");
	must("-e -t 192.0.2.1:80 -r 10.0.0.1 --no-drain");
	must("-E -t 192.0.2.1:80 --no-expire-nodest");
	ck_assert_str_eq(saved(),
			 SET "-A -t 192.0.2.1:80 -s wlc\n"
			     "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1\n");
}
END_TEST

START_TEST(set_keeps_what_is_0)
{
	must("--set 10 0 0.5");
	ck_assert_str_eq(saved(), "--set 10 120 0.5\n");
	must("--set=0 7 0");
	ck_assert_str_eq(saved(), "--set 10 7 0.5\n");
	must("--set 0 0 2147483.647");
	ck_assert_str_eq(saved(), "--set 10 7 2147483.647\n");
}
END_TEST

START_TEST(clear_keeps_the_timeouts)
{
	must("--set 1 2 3");
	must("-A -t 192.0.2.1:80");
	must("-C");
	ck_assert_str_eq(saved(), "--set 1 2 3\n");
}
END_TEST

START_TEST(numbers_reach_from_end_to_end)
{
	must("-A -t 192.0.2.1:1");
	must("-A -t 192.0.2.1:65535");
	must("-a -t 192.0.2.1:1 -r 10.0.0.1:65535 -m -w 2147483647 -x 65535 "
	     "-y 65535");
	must("-a -t 192.0.2.1:1 -r 10.0.0.2:1 -m -w 0 -x 0 -y 0");
}
END_TEST

/* ---- what is refused */

struct refusal {
	const char *line;
	int error;
	const char *message;
};

#define V "192.0.2.1:80"
#define LATER(x) x " is not built yet"

static const struct refusal refusals[] = {
	{"", -EINVAL,
	 "found no command, expected one of -A -E -D -C -a -e -d --set"},
	{"-t " V, -EINVAL,
	 "found no command, expected one of -A -E -D -C -a -e -d --set"},
	{"-A", -EINVAL, "-A: expected a service (-t or -u)"},
	{"-a -r 10.0.0.1", -EINVAL, "-a: expected a service (-t or -u)"},
	{"-a -t " V, -EINVAL, "-a: expected a server (-r)"},
	{"-e -t " V, -EINVAL, "-e: expected a server (-r)"},
	{"-d -t " V, -EINVAL, "-d: expected a server (-r)"},
	{"-D", -EINVAL, "-D: expected a service (-t or -u)"},
	{"-A -D -t " V, -EINVAL, "found a second command '-D', expected one"},
	{"-AC -t " V, -EINVAL, "found a second command '-AC', expected one"},
	{"-C -t " V, -EINVAL, "-C: found a service (-t or -u), expected none"},
	{"-D -t " V " -s rr", -EINVAL,
	 "-D: found a scheduler (-s), expected none"},
	{"-A -t " V " -r 10.0.0.1", -EINVAL,
	 "-A: found a server (-r), expected none"},
	{"-A -t " V " -w 1", -EINVAL, "-A: found a weight (-w), expected none"},
	{"-A -t " V " -m", -EINVAL,
	 "-A: found a method (-g or -m), expected none"},
	{"-A -t " V " --drain", -EINVAL,
	 "-A: found --drain or --no-drain, expected none"},
	{"-a -t " V " -r 10.0.0.1 -s rr", -EINVAL,
	 "-a: found a scheduler (-s), expected none"},
	{"-a -t " V " -r 10.0.0.1 --expire-nodest", -EINVAL,
	 "-a: found --expire-nodest or --no-expire-nodest, expected none"},
	{"-d -t " V " -r 10.0.0.1 -w 3", -EINVAL,
	 "-d: found a weight (-w), expected none"},
	{"--set 1 2 3 -t " V, -EINVAL,
	 "--set: found a service (-t or -u), expected none"},
	{"-A -t " V " -t " V, -EINVAL, "-t: said already, expected once"},
	{"-A -t " V " -u " V, -EINVAL, "-u: said already, expected once"},
	{"-A -t " V " -s rr -s rr", -EINVAL, "-s: said already, expected once"},
	{"-a -t " V " -r 10.0.0.1 -gm", -EINVAL,
	 "-m: said already, expected once"},
	{"-a -t " V " -r 10.0.0.1 -w 1 -w 1", -EINVAL,
	 "-w: said already, expected once"},

	{"-A -t", -EINVAL, "-t: found nothing after it, expected a value"},
	{"-A -t " V " -s", -EINVAL,
	 "-s: found nothing after it, expected a value"},
	{"--set 1 2", -EINVAL,
	 "--set: found nothing after it, expected three values (tcp, tcpfin, "
	 "udp)"},
	{"-A --tcp-service=", -EINVAL,
	 "-t: found '', expected ADDRESS:PORT in numbers (names are not looked "
	 "up; ipvsadm -S has -n for that)"},
	{"-A -t web1:80", -EINVAL,
	 "-t: found 'web1:80', expected ADDRESS:PORT in numbers (names are not "
	 "looked up; ipvsadm -S has -n for that)"},
	{"-A -t 192.0.2.1:http", -EINVAL,
	 "-t: found '192.0.2.1:http', expected ADDRESS:PORT in numbers (names "
	 "are not looked up; ipvsadm -S has -n for that)"},
	{"-A -t 192.0.2.1:65536", -EINVAL,
	 "-t: found '192.0.2.1:65536', expected ADDRESS:PORT in numbers (names "
	 "are not looked up; ipvsadm -S has -n for that)"},
	{"-A -t 192.0.2.1:-1", -EINVAL,
	 "-t: found '192.0.2.1:-1', expected ADDRESS:PORT in numbers (names "
	 "are not looked up; ipvsadm -S has -n for that)"},
	{"-A -t 192.0.2.256:80", -EINVAL,
	 "-t: found '192.0.2.256:80', expected ADDRESS:PORT in numbers (names "
	 "are not looked up; ipvsadm -S has -n for that)"},
	{"-A -t [2001:db8::1:80", -EINVAL,
	 "-t: found '[2001:db8::1:80', expected ADDRESS:PORT in numbers (names "
	 "are not looked up; ipvsadm -S has -n for that)"},
	{"-A -t 192.0.2.1", -EINVAL,
	 "-t: found '192.0.2.1', expected a port from 1 to 65535: a service "
	 "for all ports needs -p, which is not built yet"},
	{"-A -t 192.0.2.1:0", -EINVAL,
	 "-t: found '192.0.2.1:0', expected a port from 1 to 65535: a service "
	 "for all ports needs -p, which is not built yet"},
	{"-A -t 2001:db8::1:80", -EINVAL,
	 "-t: found '2001:db8::1:80', expected a port from 1 to 65535: a "
	 "service for all ports needs -p, which is not built yet"},
	{"-A -t 224.0.0.1:80", -EINVAL,
	 "tcp 224.0.0.1:80 cannot be served, expected a unicast address, not "
	 "of loopback or of one link"},
	{"-A -t 127.0.0.1:80", -EINVAL,
	 "tcp 127.0.0.1:80 cannot be served, expected a unicast address, not "
	 "of loopback or of one link"},
	{"-A -u [::1]:80", -EINVAL,
	 "udp [::1]:80 cannot be served, expected a unicast address, not of "
	 "loopback or of one link"},
	{"-A -t 0.0.0.0:80", -EINVAL,
	 "tcp 0.0.0.0:80 cannot be served, expected a unicast address, not of "
	 "loopback or of one link"},
	{"-A -t " V " -s best", -EINVAL,
	 "-s: found 'best', expected a scheduler: rr, wrr, lc or wlc"},
	{"-A -t " V " -s lblcr", -EINVAL, LATER("-s: the scheduler lblcr")},

	{"-a -t " V " -r server7", -EINVAL,
	 "-r: found 'server7', expected ADDRESS[:PORT] in numbers (names are "
	 "not looked up; ipvsadm -S has -n for that)"},
	{"-a -t " V " -r 10.0.0.1:0", -EINVAL,
	 "-r: found '10.0.0.1:0', expected a port from 1 to 65535, or none"},
	{"-a -t " V " -r [fd00::1]:0", -EINVAL,
	 "-r: found '[fd00::1]:0', expected a port from 1 to 65535, or none"},
	{"-a -t " V " -r [fd00::1]:80", -EINVAL,
	 "-r: found a server of IPv6, expected IPv4 as the service has it"},
	{"-a -t " V " -r 10.0.0.1:8080", -EINVAL,
	 "-r: found port 8080, expected the service's port 80: direct routing "
	 "(-g, the default) does not change ports"},
	{"-a -t " V " -r 10.0.0.1 -w -1", -EINVAL,
	 "-w: found '-1', expected a number from 0 to 2147483647"},
	{"-a -t " V " -r 10.0.0.1 -w 2147483648", -ERANGE,
	 "-w: found '2147483648', expected a number from 0 to 2147483647"},
	{"-a -t " V " -r 10.0.0.1 -w 99999999999999999999999", -EINVAL,
	 "-w: found '99999999999999999999999', expected a number from 0 to "
	 "2147483647"},
	{"-a -t " V " -r 10.0.0.1 -w 0x10", -EINVAL,
	 "-w: found '0x10', expected a number from 0 to 2147483647"},
	{"-a -t " V " -r 10.0.0.1 -w 1e3", -EINVAL,
	 "-w: found '1e3', expected a number from 0 to 2147483647"},
	{"-a -t " V " -r 10.0.0.1 -w 5x", -EINVAL,
	 "-w: found '5x', expected a number from 0 to 2147483647"},
	{"-a -t " V " -r 10.0.0.1 --weight=", -EINVAL,
	 "-w: found '', expected a number from 0 to 2147483647"},
	{"-a -t " V " -r 10.0.0.1 -x 65536", -ERANGE,
	 "-x: found '65536', expected a number from 0 to 65535"},
	{"-a -t " V " -r 10.0.0.1 -x 5 -y 65536", -ERANGE,
	 "-y: found '65536', expected a number from 0 to 65535"},
	{"-a -t " V " -r 10.0.0.1 -x 5 -y 6", -ERANGE,
	 "-y: found 6, expected at most 5, the upper threshold (-x)"},
	{"-a -t " V " -r 10.0.0.1 -y 6", -ERANGE,
	 "-y: found 6, expected at most 0, the upper threshold (-x)"},
	{"--set -1 2 3", -EINVAL,
	 "--set: found '-1', expected seconds from 0 to 2147483.647"},
	{"--set 1 2 2147483.648", -ERANGE,
	 "--set: found '2147483.648', expected seconds from 0 to 2147483.647"},
	{"--set 1 1e999 3", -EINVAL,
	 "--set: found '1e999', expected seconds from 0 to 2147483.647"},
	{"--set 1 2 .", -EINVAL,
	 "--set: found '.', expected seconds from 0 to 2147483.647"},

	{"-A -t " V " extra", -EINVAL,
	 "found 'extra', expected an option (-t, -r, ...)"},
	{"-A -t " V " -", -EINVAL,
	 "found '-', expected an option (-t, -r, ...)"},
	{"-A -t " V " --", -EINVAL,
	 "found '--', expected an option of ipvsadm"},
	{"-A -t " V " -q", -EINVAL,
	 "found '-q', expected an option of ipvsadm"},
	{"-A -t " V " --weigh 5", -EINVAL,
	 "found '--weigh', expected an option of ipvsadm; is --weight meant?"},
	{"-A -t " V " --scheduller=rr", -EINVAL,
	 "found '--scheduller=rr', expected an option of ipvsadm; is "
	 "--scheduler meant?"},
	{"--lits", -EINVAL,
	 "found '--lits', expected an option of ipvsadm; is --list meant?"},
	{"--nonsense", -EINVAL,
	 "found '--nonsense', expected an option of ipvsadm"},
	{"-a -t " V " -r 10.0.0.1 --gatewaying=1", -EINVAL,
	 "found '--gatewaying=1', expected no value for this option"},

	{"-A --sctp-service " V, -EINVAL, LATER("--sctp-service")},
	{"-A -f 1", -EINVAL, LATER("-f (--fwmark-service)")},
	{"-A -f 1 -6", -EINVAL, LATER("-f (--fwmark-service)")},
	{"-A -t " V " -p", -EINVAL, LATER("-p (--persistent)")},
	{"-A -t " V " -p 300 -M 255.255.255.0", -EINVAL,
	 LATER("-p (--persistent)")},
	{"-A -t " V " --persistent=300", -EINVAL, LATER("-p (--persistent)")},
	{"-A -t " V " -M 255.255.255.0", -EINVAL, LATER("-M (--netmask)")},
	{"-A -t " V " --pe sip", -EINVAL, LATER("--pe")},
	{"-A -t " V " -s rr -b sh-port", -EINVAL, LATER("-b (--sched-flags)")},
	{"-A -u " V " -o", -EINVAL, LATER("-o (--ops)")},
	{"-a -t " V " -r 10.0.0.1 -i", -EINVAL, LATER("-i (--ipip)")},
	{"-a -t " V " -r 10.0.0.1 --tun-type gue", -EINVAL,
	 LATER("--tun-type")},
	{"--start-daemon master", -EINVAL, LATER("--start-daemon")},
	{"-L", -EINVAL, "-L is no part of a rule"},
	{"-Z", -EINVAL, "-Z is no part of a rule"},
	{"-A -t " V " -n", -EINVAL, "-n is no part of a rule"},
	{"-L --stats", -EINVAL, "-L is no part of a rule"},

	/* what the model says */
	{"-A -t 192.0.2.9:9", -EEXIST,
	 "the service tcp 192.0.2.9:9 is there already"},
	{"-E -t " V, -ENOENT, "there is no service tcp 192.0.2.1:80"},
	{"-D -u 192.0.2.9:9", -ENOENT, "there is no service udp 192.0.2.9:9"},
	{"-a -t " V " -r 10.0.0.1", -ENOENT,
	 "there is no service tcp 192.0.2.1:80"},
	{"-e -t 192.0.2.9:9 -r 10.0.0.9 --no-check", -EINVAL,
	 "-e: found --no-check, expected none"},
	{"-a -t 192.0.2.9:9 -r 10.0.0.9 -m", -EEXIST,
	 "the server 10.0.0.9:9 is there already"},
	{"-a -t 192.0.2.9:9 -r 224.0.0.9", -EINVAL,
	 "no server can be at 224.0.0.9:9, expected a unicast address"},
	{"-e -t 192.0.2.9:9 -r 10.0.0.8", -ENOENT,
	 "there is no server 10.0.0.8:9 in this service"},
	{"-d -t 192.0.2.9:9 -r 10.0.0.9:90", -ENOENT,
	 "there is no server 10.0.0.9:90 in this service"},
};

#define REFUSALS ((int)(sizeof(refusals) / sizeof(refusals[0])))

START_TEST(a_wrong_rule_is_refused_in_words_and_changes_nothing)
{
	const struct refusal *r = &refusals[_i];
	char before[512];
	int error;

	must("-A -t 192.0.2.9:9");
	must("-a -t 192.0.2.9:9 -r 10.0.0.9 -x 7 -y 3");
	snprintf(before, sizeof(before), "%s", saved());
	message[0] = '\0';
	error = rule(r->line);
	ck_assert_msg(error == r->error && strcmp(message, r->message) == 0,
		      "'%s' gave %d, '%s'", r->line, error, message);
	ck_assert_str_eq(saved(), before);
}
END_TEST

START_TEST(a_server_that_would_be_this_host_is_refused)
{
	static const char text[] = "-A -t 192.0.2.1:80\n"
				   "-a -t 192.0.2.1:80 -r 192.0.2.1\n";
	static const char why[] = "192.0.2.1:8080: a server at its service's "
				  "own address, which would be this host "
				  "itself: that is not built yet";

	must("-A -t 192.0.2.1:80");
	ck_assert_int_eq(rule("-a -t 192.0.2.1:80 -r 192.0.2.1:8080 -m"),
			 -EINVAL);
	ck_assert_str_eq(message, why);
	ck_assert_str_eq(saved(), SET "-A -t 192.0.2.1:80 -s wlc\n");
	must("-C");
	ck_assert_int_eq(lvs_rules_apply_text(model, text, strlen(text),
					      message, sizeof(message)),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "line 2, column 1: "
					      "192.0.2.1:80: a server at"));
	ck_assert_str_eq(saved(), SET);
	/* where it need not be this host */
	ck_assert_int_eq(lvs_model_set(model, LVS_MODEL_ADDRESSES, 0), 0);
	ck_assert_int_eq(lvs_rules_apply_text(model, text, strlen(text), NULL,
					      0),
			 2);
}
END_TEST

START_TEST(null_words_are_refused)
{
	const char *const words[] = {"-A", NULL, "-t"};

	ck_assert_int_eq(lvs_rules_apply(NULL, words, 1, NULL, 0), -EINVAL);
	ck_assert_int_eq(lvs_rules_apply(model, NULL, 1, NULL, 0), -EINVAL);
	ck_assert_int_eq(lvs_rules_apply(model, words, 3, NULL, 0), -EINVAL);
	ck_assert_int_eq(lvs_rules_apply_text(NULL, "", 0, NULL, 0), -EINVAL);
	ck_assert_int_eq(lvs_rules_apply_text(model, NULL, 1, NULL, 0),
			 -EINVAL);
	ck_assert_int_eq(lvs_rules_apply_text(model, NULL, 0, NULL, 0), 0);
	ck_assert_int_eq(lvs_rules_save(NULL, NULL, 0), -EINVAL);
	ck_assert_int_eq(lvs_rules_save(model, NULL, 3), -EINVAL);
	/* with words, as all that fails */
	message[0] = '\0';
	lvs_rules_apply(NULL, words, 1, message, sizeof(message));
	ck_assert_str_eq(message, lvs_strerror(-EINVAL));
	message[0] = '\0';
	lvs_rules_apply_text(NULL, "", 0, message, sizeof(message));
	ck_assert_str_eq(message, lvs_strerror(-EINVAL));
}
END_TEST

/* ---- texts */

static int text(const char *rules)
{
	return lvs_rules_apply_text(model, rules, strlen(rules), message,
				    sizeof(message));
}

START_TEST(a_save_file_of_ipvsadm_is_read)
{
	/* as `ipvsadm -S -n` writes it */
	ck_assert_int_eq(text("-A -t 192.0.2.1:80 -s wlc\n"
			      "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1\n"
			      "-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 100\n"
			      "-A -u [2001:db8::1]:53 -s rr\n"
			      "-a -u [2001:db8::1]:53 -r [fd00::2]:53 -g -w 1"),
			 5);
	ck_assert_str_eq(saved(), SET
			 "-A -t 192.0.2.1:80 -s wlc\n"
			 "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1\n"
			 "-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 100\n"
			 "-A -u [2001:db8::1]:53 -s rr\n"
			 "-a -u [2001:db8::1]:53 -r [fd00::2]:53 -g -w 1\n");
}
END_TEST

START_TEST(empty_lines_and_comments_are_skipped)
{
	ck_assert_int_eq(text("\n# a comment -A\n  \t\r\n"
			      "\t-A  -t\t192.0.2.1:80\r\n\n   # end"),
			 1);
	ck_assert_int_eq(text(""), 0);
}
END_TEST

START_TEST(a_text_is_applied_whole_or_not_at_all)
{
	ck_assert_int_eq(text("-C\n-A -t 192.0.2.1:80\n"
			      "-A -t 192.0.2.1:80\n"),
			 -EEXIST);
	ck_assert_str_eq(message, "line 3, column 1: the service tcp "
				  "192.0.2.1:80 is there already");
	ck_assert_str_eq(saved(), SET);
}
END_TEST

START_TEST(a_wrong_word_is_shown_by_line_and_column)
{
	ck_assert_int_eq(text("-A -t 192.0.2.1:80\n\n"
			      "-a -t 192.0.2.1:80 -r 10.0.0.1 -w many\n"),
			 -EINVAL);
	ck_assert_str_eq(message, "line 3, column 35: -w: found 'many', "
				  "expected a number from 0 to 2147483647");
	ck_assert_int_eq(text("  -A  -q"), -EINVAL);
	ck_assert_str_eq(message, "line 1, column 7: found '-q', expected an "
				  "option of ipvsadm");
	ck_assert_int_eq(text("--set 1 2x 3"), -EINVAL);
	ck_assert_str_eq(message, "line 1, column 9: --set: found '2x', "
				  "expected seconds from 0 to 2147483.647");
}
END_TEST

START_TEST(a_line_is_bounded_in_bytes_and_words)
{
	static char rules[9000];
	size_t length = 0;

	memset(rules, 'a', 5000);
	ck_assert_int_eq(lvs_rules_apply_text(model, rules, 5000, message,
					      sizeof(message)),
			 -EINVAL);
	ck_assert_str_eq(message, "line 1, column 1: found a line of more "
				  "than 4095 bytes, expected less");
	for (int i = 0; i < 65; i++)
		length += (size_t)snprintf(rules + length, 8, "-A ");
	ck_assert_int_eq(lvs_rules_apply_text(model, rules, length, message,
					      sizeof(message)),
			 -EINVAL);
	ck_assert_str_eq(message, "line 1, column 1: found more than 64 "
				  "words, expected fewer");
	ck_assert_int_eq(lvs_rules_apply_text(model, "-C\n-C\0-C", 8, message,
					      sizeof(message)),
			 -EINVAL);
	ck_assert_str_eq(message, "line 2, column 1: found a NUL byte, "
				  "expected text");
}
END_TEST

/* ---- checks */

#define S "-t 192.0.2.1:80 "

static struct lvs_dest *server(const char *addr, uint16_t port)
{
	struct lvs_addr a = any_addr(addr);

	return lvs_service_find_dest(lvs_model_next_service(model, NULL), &a,
				     port);
}

/* A server with a check, at a target if `addr` is said. */
static void checked(const char *at, uint16_t port, const char *addr,
		    uint16_t target)
{
	struct lvs_check *check =
		put_check(model, lvs_model_next_service(model, NULL),
			  server(at, port), 1234);
	struct lvs_addr a = any_addr(addr == NULL ? at : addr);

	if (addr != NULL)
		ck_assert_int_eq(lvs_check_set_target(check, &a, target), 0);
}

/* The i-th check of a server, by interval and target ("" unset). */
static const char *check_at(const char *addr, uint16_t port, size_t i)
{
	struct lvs_check *check =
		lvs_model_get_check(model, server(addr, port), i);
	static char at[64];
	struct lvs_addr a;
	uint64_t interval;
	uint16_t p;

	if (check == NULL)
		return NULL;
	lvs_check_get(check, LVS_CHECK_INTERVAL, &interval);
	ck_assert_uint_eq(interval, 1234);
	at[0] = '\0';
	if (lvs_check_get_target(check, &a, &p) == 0)
		lvs_endpoint_format(&a, p, at, sizeof(at));
	return at;
}

START_TEST(a_new_server_is_checked_as_its_siblings_are)
{
	must("-A " S);
	must("-a " S "-r 10.0.0.1"); /* one without checks is no model */
	must("-a " S "-r 10.0.0.2:8080 -m");
	checked("10.0.0.2", 8080, NULL, 0);
	checked("10.0.0.2", 8080, "10.0.0.2", 9090);
	checked("10.0.0.2", 8080, "10.0.0.9", 7070);
	checked("10.0.0.2", 8080, "10.0.0.2", 8080);
	must("-a " S "-r 10.0.0.3:8081 -m");
	ck_assert_str_eq(check_at("10.0.0.3", 8081, 0), "");
	ck_assert_str_eq(check_at("10.0.0.3", 8081, 1), "10.0.0.3:9090");
	ck_assert_str_eq(check_at("10.0.0.3", 8081, 2), "10.0.0.9:7070");
	ck_assert_str_eq(check_at("10.0.0.3", 8081, 3), "10.0.0.3:8081");
	ck_assert_ptr_null(check_at("10.0.0.3", 8081, 4));
	ck_assert_ptr_null(check_at("10.0.0.1", 80, 0));
	ck_assert_str_eq(check_at("10.0.0.2", 8080, 1), "10.0.0.2:9090");
}
END_TEST

START_TEST(a_new_server_is_not_checked_where_that_is_said)
{
	must("-A " S);
	must("-a " S "-r 10.0.0.1");
	checked("10.0.0.1", 80, NULL, 0);
	must("-a " S "-r 10.0.0.2 --no-check");
	ck_assert_ptr_null(check_at("10.0.0.2", 80, 0));
	/* an edit gives no checks and takes none */
	must("-e " S "-r 10.0.0.2 -w 5");
	must("-e " S "-r 10.0.0.1 -w 5");
	ck_assert_ptr_null(check_at("10.0.0.2", 80, 0));
	ck_assert_str_eq(check_at("10.0.0.1", 80, 0), "");
}
END_TEST

START_TEST(a_restore_is_checked_as_what_runs)
{
	must("-A " S);
	must("-a " S "-r 10.0.0.1");
	checked("10.0.0.1", 80, NULL, 0);
	ck_assert_int_eq(text("-a " S "-r 10.0.0.2\n"
			      "-a " S "-r 10.0.0.3 --no-check\n"),
			 2);
	ck_assert_str_eq(check_at("10.0.0.2", 80, 0), "");
	ck_assert_ptr_null(check_at("10.0.0.3", 80, 0));
	ck_assert_int_eq(text("-C\n-A " S "\n-a " S "-r 10.0.0.1\n"), 3);
	ck_assert_ptr_null(check_at("10.0.0.1", 80, 0));
}
END_TEST

#undef S

/* ---- both ways */

START_TEST(any_model_saved_and_applied_is_equal)
{
	uint64_t seed = 4711 + (uint64_t)_i;
	struct lvs_model *from = any_model(&seed, 0);
	static char rules[65536];
	int length = lvs_rules_save(from, rules, sizeof(rules));

	ck_assert_int_lt(length, (int)sizeof(rules));
	ck_assert_int_ge(lvs_rules_apply_text(model, rules, (size_t)length,
					      message, sizeof(message)),
			 1);
	must_equal_in_order(from, model);
	ck_assert_int_eq(lvs_rules_save(from, NULL, 0), length);
	lvs_model_free(from);
}
END_TEST

/* Rules know no backend: what is legal without one is not judged by them. */
START_TEST(a_server_at_a_virtual_address_is_saved_and_applied)
{
	struct lvs_model *from;
	char rules[512];
	int length;

	ck_assert_int_eq(lvs_model_set_text(model, LVS_MODEL_BACKEND, "none"),
			 0);
	must("-A -t 192.0.2.1:80");
	must("-a -t 192.0.2.1:80 -r 10.0.0.1:80");
	must("-A -t 10.0.0.1:8080");
	must("-a -t 10.0.0.1:8080 -r 10.0.0.2:80 -m");
	from = model;
	setup();
	length = lvs_rules_save(from, rules, sizeof(rules));
	ck_assert_int_eq(lvs_rules_apply_text(model, rules, (size_t)length,
					      message, sizeof(message)),
			 5);
	must_equal_in_order(from, model);
	/* nor is what a text does not touch */
	ck_assert_int_eq(lvs_rules_apply_text(model, "--set 1 2 3", 11, message,
					      sizeof(message)),
			 1);
	lvs_model_free(from);
}
END_TEST

START_TEST(random_words_never_break_anything)
{
	static const char *const words[] = {
		"-A", "-E",	 "-D",	     "-C",	  "-a",	 "-e",
		"-d", "--set",	 "-t",	     "-u",	  "-r",	 "-w",
		"-x", "-y",	 "-m",	     "-g",	  "-s",	 "rr",
		"1",  "0",	 "-1",	     "-wm",	  "-tm", "--",
		"-",  "--drain", "-p",	     "1.2.3.4:5", "",	 "=",
		"-=", "--set=",	 "10.0.0.1", "[::1]:5",	  "5",
	};
	uint64_t seed = 99;

	for (int i = 0; i < 20000; i++) {
		const char *line[8];
		size_t count = below(&seed, 9);

		for (size_t j = 0; j < count; j++)
			line[j] = words[below(&seed, sizeof(words) /
							     sizeof(words[0]))];
		message[0] = '\0';
		if (lvs_rules_apply(model, line, count, message,
				    sizeof(message)) != 0)
			ck_assert_int_ne(message[0], '\0');
	}
}
END_TEST

Suite *rules_suite(void)
{
	Suite *suite = suite_create("rules");
	TCase *tcase = tcase_create("rules");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_service_gets_wlc_unless_told);
	tcase_add_test(tcase,
		       a_server_gets_weight_1_and_direct_routing_unless_told);
	tcase_add_test(tcase, options_are_spelled_in_all_ways);
	tcase_add_test(tcase, every_command_has_a_long_name);
	tcase_add_test(tcase,
		       an_edit_sets_what_it_leaves_unsaid_to_its_default);
	tcase_add_test(tcase, our_own_words_stay_over_an_edit);
	tcase_add_test(tcase, set_keeps_what_is_0);
	tcase_add_test(tcase, clear_keeps_the_timeouts);
	tcase_add_test(tcase, numbers_reach_from_end_to_end);
	tcase_add_loop_test(
		tcase, a_wrong_rule_is_refused_in_words_and_changes_nothing, 0,
		REFUSALS);
	tcase_add_test(tcase, a_server_that_would_be_this_host_is_refused);
	tcase_add_test(tcase, null_words_are_refused);
	tcase_add_test(tcase, a_save_file_of_ipvsadm_is_read);
	tcase_add_test(tcase, empty_lines_and_comments_are_skipped);
	tcase_add_test(tcase, a_text_is_applied_whole_or_not_at_all);
	tcase_add_test(tcase, a_wrong_word_is_shown_by_line_and_column);
	tcase_add_test(tcase, a_line_is_bounded_in_bytes_and_words);
	tcase_add_test(tcase, a_new_server_is_checked_as_its_siblings_are);
	tcase_add_test(tcase, a_new_server_is_not_checked_where_that_is_said);
	tcase_add_test(tcase, a_restore_is_checked_as_what_runs);
	tcase_add_loop_test(tcase, any_model_saved_and_applied_is_equal, 0,
			    100);
	tcase_add_test(tcase,
		       a_server_at_a_virtual_address_is_saved_and_applied);
	tcase_add_test(tcase, random_words_never_break_anything);
	suite_add_tcase(suite, tcase);
	return suite;
}
