/*
 * Configuration: a corpus of good and bad files, values from end to end,
 * random models printed and read back, and files damaged at random.
 *
 * tests/config/bad: each file's first line names the message that it must get.
 * tests/config/good: each is understood; where FILE.tree stands beside it,
 * that is what lvs_config_print() must say of it.
 */
#include "unit.h"

#include <dirent.h>
#include <lvs/config.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "any_model.h"
#include "slow.h"

#define FILES 512

static char *names[FILES];
static int count;
static char message[1024];
static int warnings;
static char warned[256]; /* the last one */
static int warned_kind;

static void enter(const char *folder)
{
	const char *top = getenv("top_srcdir");
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/config/%s",
		 top == NULL ? ".." : top, folder);
	ck_assert_msg(chdir(path) == 0, "cannot enter %s", path);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The folder's *.conf, sorted; it becomes the working directory. */
static void list(const char *folder)
{
	struct dirent *entry;
	DIR *dir;

	enter(folder);
	dir = opendir(".");
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot != NULL && strcmp(dot, ".conf") == 0) {
			ck_assert_int_lt(count, FILES);
			names[count++] = strdup(entry->d_name);
		}
	}
	closedir(dir);
	qsort(names, (size_t)count, sizeof(names[0]), by_name);
	ck_assert_int_gt(count, 0);
}

static void list_good(void)
{
	list("good");
}

static void list_bad(void)
{
	list("bad");
}

static void forget(void)
{
	while (count > 0)
		free(names[--count]);
}

static void warn(void *user, int kind, const char *line)
{
	(void)user;
	ck_assert_ptr_null(strchr(line, '\n'));
	ck_assert_int_ne(line[0], '\0');
	warnings++;
	warned_kind = kind;
	strncpy(warned, line, sizeof(warned) - 1);
}

static struct lvs_model *must_read(const char *path)
{
	struct lvs_model *model = NULL;
	int error = lvs_config_read(&model, path, message, sizeof(message),
				    warn, NULL);

	ck_assert_msg(error == 0, "%s: %d, %s", path, error, message);
	return model;
}

static int parse(struct lvs_model **model, const char *text)
{
	message[0] = '\0';
	return lvs_config_parse(model, "text", text, strlen(text), message,
				sizeof(message), warn, NULL);
}

/* A file's bytes, the caller's to free. */
static char *slurp(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text = malloc(1 << 20);

	ck_assert_msg(file != NULL, "cannot open %s", path);
	*length = fread(text, 1, (1 << 20) - 1, file);
	text[*length] = '\0';
	fclose(file);
	return text;
}

/* ---- the corpus */

START_TEST(every_good_file_is_understood)
{
	for (int i = 0; i < count; i++)
		lvs_model_free(must_read(names[i]));
}
END_TEST

START_TEST(a_good_file_prints_as_its_tree_says)
{
	int judged = 0;

	for (int i = 0; i < count; i++) {
		static char printed[65536];
		char path[300];
		struct lvs_model *model;
		size_t length;
		char *tree;

		snprintf(path, sizeof(path), "%s.tree", names[i]);
		if (access(path, R_OK) != 0)
			continue;
		tree = slurp(path, &length);
		model = must_read(names[i]);
		ck_assert_int_eq(lvs_config_print(model, printed,
						  sizeof(printed)),
				 (int)length);
		ck_assert_str_eq(printed, tree);
		lvs_model_free(model);
		free(tree);
		judged++;
	}
	ck_assert_int_ge(judged, 4);
}
END_TEST

/* The message that the first line of a bad file names. */
static void expectation(const char *path, char *text, size_t size)
{
	static const char mark[] = "# expect: ";
	size_t length;
	char *bytes = slurp(path, &length);
	char *end = strpbrk(bytes, "\r\n");

	ck_assert_ptr_nonnull(end);
	*end = '\0';
	ck_assert_msg(strncmp(bytes, mark, strlen(mark)) == 0,
		      "%s names no message", path);
	snprintf(text, size, "%s", bytes + strlen(mark));
	free(bytes);
}

START_TEST(every_bad_file_gets_its_message)
{
	for (int i = 0; i < count; i++) {
		struct lvs_model *model = NULL;
		char expected[1024];
		int error;

		expectation(names[i], expected, sizeof(expected));
		message[0] = '\0';
		error = lvs_config_read(&model, names[i], message,
					sizeof(message), NULL, NULL);
		ck_assert_int_lt(error, 0);
		ck_assert_ptr_null(model);
		ck_assert_str_eq(message, expected);
	}
}
END_TEST

/* ---- errors of files */

START_TEST(a_missing_file_is_named)
{
	struct lvs_model *model = NULL;

	ck_assert_int_eq(lvs_config_read(&model, "/nonexistent/lvsd.conf",
					 message, sizeof(message), NULL, NULL),
			 -ENOENT);
	ck_assert_str_eq(message, "/nonexistent/lvsd.conf: no such file");
	ck_assert_int_eq(lvs_config_read(&model, "/", message, sizeof(message),
					 NULL, NULL),
			 -EINVAL);
	ck_assert_str_eq(message, "/: not a regular file");
	ck_assert_ptr_null(model);
}
END_TEST

START_TEST(more_than_16_mib_is_refused)
{
	size_t length = (16u << 20) + 1;
	char *text = malloc(length);
	struct lvs_model *model = NULL;
	char path[] = "/tmp/lvs-config-XXXXXX";
	int fd = mkstemp(path);

	memset(text, '#', length);
	ck_assert_int_eq(lvs_config_parse(&model, "text", text, length, message,
					  sizeof(message), NULL, NULL),
			 -EFBIG);
	ck_assert_str_eq(message,
			 "text: the configuration has more than 16 MiB");
	ck_assert_int_eq(lvs_config_parse(&model, "text", text, length - 1,
					  message, sizeof(message), NULL, NULL),
			 0);
	lvs_model_free(model);
	/* a file that is one hole: it is not even read */
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)1 << 40), 0);
	close(fd);
	ck_assert_int_eq(lvs_config_read(&model, path, message, sizeof(message),
					 NULL, NULL),
			 -EFBIG);
	unlink(path);
	free(text);
}
END_TEST

START_TEST(includes_nest_16_deep_and_no_deeper)
{
	char folder[] = "/tmp/lvs-config-XXXXXX";
	struct lvs_model *model = NULL;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	for (int i = 0; i < 18; i++) {
		char path[32];
		FILE *file;

		snprintf(path, sizeof(path), "%d", i);
		file = fopen(path, "w");
		if (i < 17)
			fprintf(file, "include %d\n", i + 1);
		fclose(file);
	}
	ck_assert_int_eq(lvs_config_read(&model, "2", message, sizeof(message),
					 NULL, NULL),
			 0);
	lvs_model_free(model);
	model = NULL;
	ck_assert_int_eq(lvs_config_read(&model, "1", message, sizeof(message),
					 NULL, NULL),
			 -ELOOP);
	ck_assert_str_eq(message, "16:1:9: found includes nested deeper than "
				  "16, expected fewer");
	for (int i = 0; i < 18; i++) {
		char path[32];

		snprintf(path, sizeof(path), "%d", i);
		unlink(path);
	}
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_message_is_one_line_whatever_it_shows)
{
	static const char *const texts[] = {
		"include \"a\\nb\"",
		"include \"a\\nb*\"",
		"include \"a\\x1b[2J\"",
		"virtual_server \"a\\n\" 80 {",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct lvs_model *model = NULL;

		if (parse(&model, texts[i]) == 0)
			lvs_model_free(model);
		for (const char *c = message; *c != '\0'; c++)
			ck_assert_uint_ge((unsigned char)*c, ' ');
	}
	ck_assert_int_lt(lvs_config_read(&(struct lvs_model *){NULL}, "/a\nb",
					 message, sizeof(message), NULL, NULL),
			 0);
	ck_assert_str_eq(message, "/a?b: no such file");
}
END_TEST

START_TEST(a_folder_whose_name_is_a_pattern_is_a_folder)
{
	char folder[] = "/tmp/lvs[a]{b,c}*-XXXXXX";
	char path[64];
	struct lvs_model *model;
	uint64_t value = 0;
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/other", folder);
	file = fopen(path, "w");
	fputs("lvs_backend { workers 7 }\n", file);
	fclose(file);
	snprintf(path, sizeof(path), "%s/main", folder);
	file = fopen(path, "w");
	fputs("include oth*\n", file);
	fclose(file);
	model = must_read(path);
	lvs_model_get(model, LVS_MODEL_WORKERS, &value);
	ck_assert_uint_eq(value, 7);
	lvs_model_free(model);
	unlink(path);
	snprintf(path, sizeof(path), "%s/other", folder);
	unlink(path);
	rmdir(folder);
}
END_TEST

START_TEST(null_is_refused)
{
	struct lvs_model *model = NULL;
	char why[64] = "";

	ck_assert_int_eq(lvs_config_read(&model, NULL, why, sizeof(why), NULL,
					 NULL),
			 -EINVAL);
	ck_assert_str_eq(why, lvs_strerror(-EINVAL));
	why[0] = '\0';
	ck_assert_int_eq(lvs_config_parse(NULL, "x", "", 0, why, sizeof(why),
					  NULL, NULL),
			 -EINVAL);
	ck_assert_str_eq(why, lvs_strerror(-EINVAL));
	ck_assert_int_eq(lvs_config_read(NULL, "x", NULL, 0, NULL, NULL),
			 -EINVAL);
	ck_assert_int_eq(lvs_config_read(&model, NULL, NULL, 0, NULL, NULL),
			 -EINVAL);
	ck_assert_int_eq(lvs_config_parse(NULL, "x", "", 0, NULL, 0, NULL,
					  NULL),
			 -EINVAL);
	ck_assert_int_eq(lvs_config_parse(&model, NULL, "", 0, NULL, 0, NULL,
					  NULL),
			 -EINVAL);
	ck_assert_int_eq(lvs_config_parse(&model, "x", NULL, 1, NULL, 0, NULL,
					  NULL),
			 -EINVAL);
	ck_assert_int_eq(lvs_config_parse(&model, "x", "}", 1, NULL, 0, NULL,
					  NULL),
			 -EINVAL);
	ck_assert_int_eq(lvs_config_print(NULL, NULL, 0), -EINVAL);
	ck_assert_ptr_null(model);
}
END_TEST

/* ---- what is understood */

static uint64_t check_value(struct lvs_model *model, size_t dest, size_t check,
			    int option)
{
	struct lvs_dest *d = NULL;
	uint64_t value = UINT64_MAX;
	struct lvs_service *service = lvs_model_next_service(model, NULL);

	/* the newest stands first: the file's last server */
	for (size_t i = 0; i <= dest; i++)
		d = lvs_service_next_dest(service, d);
	ck_assert_int_eq(lvs_check_get(lvs_model_get_check(model, d, check),
				       option, &value),
			 0);
	return value;
}

START_TEST(the_innermost_level_wins)
{
	struct lvs_model *model = must_read("levels.conf");

	/* server 10.0.0.1: its check says some, it says some */
	ck_assert_uint_eq(check_value(model, 1, 0, LVS_CHECK_INTERVAL), 3000);
	ck_assert_uint_eq(check_value(model, 1, 0, LVS_CHECK_TIMEOUT), 250);
	ck_assert_uint_eq(check_value(model, 1, 0, LVS_CHECK_RISE), 2);
	ck_assert_uint_eq(check_value(model, 1, 0, LVS_CHECK_FALL), 5);
	ck_assert_uint_eq(check_value(model, 1, 0, LVS_CHECK_RETRY), 1);
	ck_assert_uint_eq(check_value(model, 1, 0, LVS_CHECK_JITTER),
			  INT32_MAX);
	ck_assert_uint_eq(check_value(model, 1, 0, LVS_CHECK_START_UP), 1);
	/* server 10.0.0.2: the service says all */
	ck_assert_uint_eq(check_value(model, 0, 0, LVS_CHECK_INTERVAL), 1000);
	ck_assert_uint_eq(check_value(model, 0, 0, LVS_CHECK_TIMEOUT), 7000);
	ck_assert_uint_eq(check_value(model, 0, 0, LVS_CHECK_FALL), 5);
	ck_assert_uint_eq(check_value(model, 0, 0, LVS_CHECK_START_UP), 0);
	ck_assert_uint_eq(check_value(model, 0, 1, LVS_CHECK_START_UP), 1);
	lvs_model_free(model);
}
END_TEST

START_TEST(what_nobody_says_is_as_keepalived_has_it)
{
	struct lvs_model *model = NULL;

	ck_assert_int_eq(parse(&model, "virtual_server 192.0.2.1 80 {\n"
				       "real_server 10.0.0.1 { TCP_CHECK { } }"
				       "\n}\n"),
			 0);
	ck_assert_uint_eq(check_value(model, 0, 0, LVS_CHECK_INTERVAL), 60000);
	ck_assert_uint_eq(check_value(model, 0, 0, LVS_CHECK_TIMEOUT), 5000);
	ck_assert_uint_eq(check_value(model, 0, 0, LVS_CHECK_RISE), 1);
	ck_assert_uint_eq(check_value(model, 0, 0, LVS_CHECK_FALL), 2);
	ck_assert_uint_eq(check_value(model, 0, 0, LVS_CHECK_RETRY), 1000);
	ck_assert_uint_eq(check_value(model, 0, 0, LVS_CHECK_JITTER), 60000);
	ck_assert_uint_eq(check_value(model, 0, 0, LVS_CHECK_START_UP), 1);
	lvs_model_free(model);
}
END_TEST

START_TEST(an_interface_that_is_not_there_is_warned_of)
{
	struct lvs_model *model = NULL;

	warnings = 0;
	ck_assert_int_eq(parse(&model,
			       "lvs_backend {\n interface lo nowhere0\n}"),
			 0);
	ck_assert_int_eq(warnings, 1);
	ck_assert_str_eq(warned, "text:2:15: there is no interface nowhere0 on "
				 "this host");
	lvs_model_free(model);
}
END_TEST

START_TEST(a_server_at_its_services_address_is_refused_where_it_is_this_host)
{
	static const char *const fine[] = {
		"lvs_backend {\n type none\n}\n",
		"lvs_backend {\n addresses no\n}\n",
	};
	static const char own[] = "virtual_server 192.0.2.1 80 {\n"
				  " lvs_method DR\n"
				  " real_server 10.0.0.1 80 {\n }\n"
				  " real_server 192.0.2.1 80 {\n }\n}\n";
	struct lvs_model *model = NULL;
	char text[512];

	ck_assert_int_eq(parse(&model, own), -EINVAL);
	ck_assert_ptr_null(model);
	ck_assert_ptr_nonnull(strstr(message, "text:5:2: found a server at its "
					      "service's own address"));
	/* before it or behind it */
	for (size_t i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "%s%s", i < 2 ? fine[i] : own,
			 i < 2 ? own : fine[i - 2]);
		ck_assert_int_eq(parse(&model, text), 0);
		lvs_model_free(model);
	}
}
END_TEST

START_TEST(a_warning_tells_its_kind)
{
	static const struct {
		const char *text;
		int kind;
	} cases[] = {
		{"global_defs {\n router_id a\n}\n", LVS_CONFIG_NO_EFFECT},
		{"lvs_backend {\n workers 1\n workers 2\n}\n",
		 LVS_CONFIG_REPEATED},
		{"include /nonexistent/*.conf\n", LVS_CONFIG_NO_FILE},
		{"lvs_backend {\n interface nowhere0\n}\n",
		 LVS_CONFIG_NO_INTERFACE},
		{"lvs_backend {\n control_group no-such-group\n}\n",
		 LVS_CONFIG_NO_GROUP},
		{"lvs_backend {\n control /nonexistent/folder/control\n}\n",
		 LVS_CONFIG_NO_FOLDER},
	};
	struct lvs_model *model = NULL;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		warnings = 0;
		ck_assert_int_eq(parse(&model, cases[i].text), 0);
		ck_assert_int_eq(warnings, 1);
		ck_assert_int_eq(warned_kind, cases[i].kind);
		lvs_model_free(model);
	}
}
END_TEST

START_TEST(a_control_sockets_folder_may_be_one_that_can_be_made)
{
	static const struct {
		const char *path;
		int warnings;
	} cases[] = {
		{"/control", 0},
		{"//control", 0},
		{"/dev/control", 0},
		{"/dev//control", 0},
		{"/dev/no-such/control", 0},
		{"/dev/no-such//control", 0},
		{"//dev//no-such///control", 0},
		{"/no-such//control", 0},
		{"/no-such/folder/control", 1},
		{"/no-such//folder//control", 1},
		{"/dev/null/control", 1},
		{"/dev/null//folder/control", 1},
	};
	struct lvs_model *model = NULL;
	char text[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		warnings = 0;
		snprintf(text, sizeof(text), "lvs_backend {\n control %s\n}\n",
			 cases[i].path);
		ck_assert_int_eq(parse(&model, text), 0);
		ck_assert_msg(warnings == cases[i].warnings, "%s: %d",
			      cases[i].path, warnings);
		lvs_model_free(model);
	}
}
END_TEST

START_TEST(of_a_control_socket_only_what_holds_is_judged)
{
	struct lvs_model *model = NULL;

	warnings = 0;
	ck_assert_int_eq(parse(&model, "lvs_backend {\n"
				       " control_group no-such-group\n"
				       " control /nonexistent/folder/control\n"
				       "}\nlvs_backend {\n"
				       " control_group root\n"
				       " control /dev/control\n}\n"),
			 0);
	ck_assert_int_eq(warnings, 0);
	lvs_model_free(model);
	/* with the place of the one that holds */
	ck_assert_int_eq(parse(&model, "lvs_backend {\n"
				       " control_group root\n"
				       " control_group no-such-group\n}\n"),
			 0);
	ck_assert_int_eq(warnings, 2);
	ck_assert_str_eq(warned, "text:3:16: there is no group no-such-group "
				 "on this host");
	lvs_model_free(model);
}
END_TEST

START_TEST(words_without_effect_are_warned_of_once)
{
	struct lvs_model *model = NULL;

	warnings = 0;
	ck_assert_int_eq(parse(&model, "global_defs {\nrouter_id a\n"
				       "router_id b\nsmtp_alert yes\n}\n"
				       "global_defs {\nrouter_id c\n}\n"),
			 0);
	ck_assert_int_eq(warnings, 2);
	lvs_model_free(model);
}
END_TEST

START_TEST(a_large_configuration_is_read_in_bounded_time)
{
	static char text[1 << 20];
	struct lvs_model *model = NULL;
	size_t length = 0;
	int services = 0;

	for (unsigned int i = 0; i < 100; i++) {
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "virtual_server 192.0.2.%u 80 {\n",
					   i + 1);
		for (unsigned int j = 0; j < 100; j++)
			length += (size_t)snprintf(
				text + length, sizeof(text) - length,
				"real_server 10.0.%u.%u 80 {\nTCP_CHECK {\n"
				"}\n}\n",
				i, j + 1);
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "}\n");
	}
	ck_assert_int_eq(parse(&model, text), 0);
	for (struct lvs_service *s = NULL;
	     (s = lvs_model_next_service(model, s)) != NULL;)
		services++;
	ck_assert_int_eq(services, 100);
	lvs_model_free(model);
}
END_TEST

/* ---- both ways */

START_TEST(any_model_printed_and_read_is_equal)
{
	uint64_t seed = 31 + (uint64_t)_i;
	struct lvs_model *from = any_model(&seed, ANY_CHECKS | ANY_BACKEND);
	struct lvs_model *to = NULL;
	static char text[262144];
	int length = lvs_config_print(from, text, sizeof(text));
	int error;

	ck_assert_int_lt(length, (int)sizeof(text));
	error = parse(&to, text);
	ck_assert_msg(error == 0, "%s\n%s", message, text);
	must_equal_in_order(from, to);
	ck_assert_int_eq(lvs_config_print(from, NULL, 0), length);
	ck_assert_int_eq(lvs_config_print(from, text, 20), length);
	ck_assert_uint_eq(strlen(text), 19);
	lvs_model_free(from);
	lvs_model_free(to);
}
END_TEST

START_TEST(every_good_file_printed_and_read_is_equal)
{
	for (int i = 0; i < count; i++) {
		struct lvs_model *from = must_read(names[i]);
		struct lvs_model *to = NULL;
		static char text[65536];

		lvs_config_print(from, text, sizeof(text));
		ck_assert_int_eq(parse(&to, text), 0);
		must_equal_in_order(from, to);
		lvs_model_free(from);
		lvs_model_free(to);
	}
}
END_TEST

/* ---- damage */

static const char *const pieces[] = {
	"{",
	"}",
	"\n",
	"\"",
	"'",
	"\\",
	"#",
	"!",
	"${",
	"$",
	"@",
	"~",
	"\t",
	"include ",
	"virtual_server ",
	"real_server ",
	"TCP_CHECK {",
	"0",
	"-1",
	"65536",
	"1e999",
	" ",
	"\r",
	"\xff",
	"\xc3",
	"\x7f",
	"\\x",
	"router_id ",
	"notification_email {",
	"SSL {",
	"",
};

/* One random damage; the room is enough for it. */
static size_t damage(char *text, size_t length, uint64_t *seed)
{
	size_t at = below(seed, (unsigned int)length + 1);
	size_t n = 1 + below(seed, 12);
	const char *piece =
		pieces[below(seed, sizeof(pieces) / sizeof(pieces[0]))];

	switch (below(seed, 5)) {
	case 0: /* bytes go */
		if (n > length - at)
			n = length - at;
		memmove(text + at, text + at + n, length - at - n);
		return length - n;
	case 1: /* a byte changes */
		if (at < length)
			text[at] = (char)number(seed);
		return length;
	case 2: /* bytes are there twice */
		if (n > length - at)
			n = length - at;
		memmove(text + at + n, text + at, length - at);
		return length + n;
	case 3: /* it ends early */
		return below(seed, 8) == 0 ? at : length;
	default: /* something comes in */
		n = strlen(piece);
		memmove(text + at + n, text + at, length - at);
		memcpy(text + at, piece, n);
		return length + n;
	}
}

START_TEST(damaged_files_are_read_or_refused)
{
	uint64_t seed = 1 + (uint64_t)_i;
	unsigned long many = rounds(150);

	for (int i = 0; i < count; i++) {
		size_t length;
		char *good = slurp(names[i], &length);
		char *text = malloc(length + 256);

		for (unsigned long round = 0; round < many; round++) {
			struct lvs_model *model = NULL;
			size_t size = length;
			char *exact;
			int error;

			memcpy(text, good, length);
			for (int n = (int)below(&seed, 8); n >= 0; n--)
				size = damage(text, size, &seed);
			/* of its own size, so that a read behind it is seen */
			exact = malloc(size + (size == 0));
			memcpy(exact, text, size);
			message[0] = '\0';
			error = lvs_config_parse(&model, "text", exact, size,
						 message, sizeof(message), warn,
						 NULL);
			ck_assert_int_eq(error == 0, model != NULL);
			ck_assert_int_eq(error == 0, message[0] == '\0');
			ck_assert_ptr_null(strchr(message, '\n'));
			if (model != NULL)
				lvs_config_print(model, NULL, 0);
			lvs_model_free(model);
			free(exact);
		}
		free(text);
		free(good);
	}
}
END_TEST

START_TEST(random_bytes_are_read_or_refused)
{
	uint64_t seed = 5;

	for (int round = 0; round < 2000; round++) {
		struct lvs_model *model = NULL;
		uint8_t bytes[200];
		size_t length = below(&seed, sizeof(bytes));

		fill(&seed, bytes, length);
		(void)lvs_config_parse(&model, "text", (const char *)bytes,
				       length, message, sizeof(message), NULL,
				       NULL);
		lvs_model_free(model);
	}
}
END_TEST

Suite *config_suite(void)
{
	Suite *suite = suite_create("config");
	TCase *good = tcase_create("good");
	TCase *bad = tcase_create("bad");
	TCase *plain = tcase_create("plain");

	tcase_add_checked_fixture(good, list_good, forget);
	tcase_add_test(good, every_good_file_is_understood);
	tcase_add_test(good, a_good_file_prints_as_its_tree_says);
	tcase_add_test(good, every_good_file_printed_and_read_is_equal);
	tcase_add_test(good, the_innermost_level_wins);
	tcase_add_loop_test(good, damaged_files_are_read_or_refused, 0, 4);
	suite_add_tcase(suite, good);
	tcase_add_checked_fixture(bad, list_bad, forget);
	tcase_add_test(bad, every_bad_file_gets_its_message);
	suite_add_tcase(suite, bad);
	tcase_add_test(plain, a_missing_file_is_named);
	tcase_add_test(plain, more_than_16_mib_is_refused);
	tcase_add_test(plain, includes_nest_16_deep_and_no_deeper);
	tcase_add_test(plain, a_message_is_one_line_whatever_it_shows);
	tcase_add_test(plain, a_folder_whose_name_is_a_pattern_is_a_folder);
	tcase_add_test(plain, null_is_refused);
	tcase_add_test(plain, what_nobody_says_is_as_keepalived_has_it);
	tcase_add_test(plain, an_interface_that_is_not_there_is_warned_of);
	tcase_add_test(
		plain,
		a_server_at_its_services_address_is_refused_where_it_is_this_host);
	tcase_add_test(plain, a_warning_tells_its_kind);
	tcase_add_test(plain,
		       a_control_sockets_folder_may_be_one_that_can_be_made);
	tcase_add_test(plain, of_a_control_socket_only_what_holds_is_judged);
	tcase_add_test(plain, words_without_effect_are_warned_of_once);
	tcase_add_test(plain, a_large_configuration_is_read_in_bounded_time);
	tcase_add_loop_test(plain, any_model_printed_and_read_is_equal, 0, 100);
	tcase_add_test(plain, random_bytes_are_read_or_refused);
	suite_add_tcase(suite, plain);
	return suite;
}
