/* What other programs find in our hives, and we in theirs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "hive/check.h"
#include "support/cli.h"
#include "support/hive_edits.h"
#include "support/hive_rig.h"
#include "support/need.h"
#include "support/tmpdir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EDITS = 6000, SHORT = 1200 };

static char dir[TMPDIR_LEN];

static int enter(void **state)
{
	(void)state;
	setenv("PERL_UNICODE", "SD", 1);
	return tmpdir_make(dir);
}

static int leave(void **state)
{
	(void)state;
	tmpdir_remove(dir);
	return 0;
}

/* A line of sh in the folder; $flushbench is the program. Returns its exit code. */
static int __attribute__((format(printf, 1, 2))) sh(const char *fmt, ...)
{
	char script[4096], line[8192];
	va_list ap;
	int ret;

	va_start(ap, fmt);
	vsnprintf(script, sizeof(script), fmt, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "cd '%s' && flushbench='%s'\n%s", dir,
		 cli_program(), script);
	ret = system(line);
	return ret < 0 || !WIFEXITED(ret) ? -1 : WEXITSTATUS(ret);
}

static void needs(const char *tool)
{
	char why[128];

	snprintf(why, sizeof(why), "there is no %s; run scripts/deps.sh check", tool);
	need(sh("command -v %s >/dev/null", tool) ? why : NULL);
}

static void show(void *ctx, const struct fb_finding *f)
{
	fprintf(stderr, "%s: offset 0x%llx: %s\n", (const char *)ctx,
		(unsigned long long)f->offset, f->text);
}

static void path_of(char *out, const char *name)
{
	tmpdir_join(out, TMPDIR_LEN + 64, dir, name);
}

/* No finding, and unless @may_lose nothing that nobody refers to. */
static void assert_sound(const char *name, bool may_lose)
{
	char path[TMPDIR_LEN + 64];
	struct fb_sink sink = {show, (void *)name};
	struct fb_survey s;
	long bytes;
	void *file;
	FILE *f;

	path_of(path, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	bytes = ftell(f);
	rewind(f);
	file = malloc((size_t)bytes);
	assert_non_null(file);
	assert_int_equal(fread(file, 1, (size_t)bytes, f), bytes);
	fclose(f);
	assert_int_equal(fb_hive_survey(file, (uint64_t)bytes, &sink, &s), 0);
	free(file);
	if (!may_lose)
		assert_int_equal(s.lost_cells, 0);
}

static void make(const char *name, uint32_t minor, uint64_t seed, unsigned edits)
{
	static struct hive_edits e;
	struct fb_hive_options o = {.minor = minor};
	char path[TMPDIR_LEN + 64];
	struct fb_hive *h;

	assert_int_equal(fb_hive_new(&h, &o), 0);
	hive_edits_begin(&e, h, seed);
	hive_edits_do(&e, edits);
	path_of(path, name);
	hive_edits_save(h, path);
	fb_hive_free(h);
}

static void make_plain(const char *name, uint64_t seed)
{
	static struct hive_edits e;
	char path[TMPDIR_LEN + 64];
	struct fb_hive *h;

	assert_int_equal(fb_hive_new(&h, NULL), 0);
	hive_edits_begin(&e, h, seed);
	e.plain = true;
	hive_edits_do(&e, EDITS);
	path_of(path, name);
	hive_edits_save(h, path);
	fb_hive_free(h);
}

/* Edits with flushes between them, as a program that uses the store would. */
static void edit(const char *name, uint64_t seed, unsigned edits)
{
	static struct hive_edits e;
	struct fb_err err = {.text = ""};
	char path[TMPDIR_LEN + 64];
	struct fb_hive *h;

	path_of(path, name);
	h = hive_edits_open(path, false);
	hive_edits_begin(&e, h, seed);
	for (unsigned i = 0; i < 8; i++) {
		hive_edits_do(&e, edits / 8);
		if (fb_hive_flush(h, &err))
			fail_msg("%s", err.text);
	}
	if (fb_hive_close(h, &err))
		fail_msg("%s", err.text);
}

static void assert_judged_alike(const char *name)
{
	assert_int_equal(sh("hivexml %s >/dev/null", name), 0);
	assert_int_equal(sh("hivexregedit --export %s '\\' >theirs 2>said && "
			    "\"$flushbench\" hive dump %s >ours && diff theirs ours "
			    "| head -5 >&2; cmp -s theirs ours",
			    name, name),
			 0);
	assert_int_equal(sh("[ $(grep -c '^\\[' ours) -gt 100 ]"), 0);
}

static void hivex_reads_what_we_wrote_and_finds_the_same(void **state)
{
	static const uint32_t minors[] = {3, 4, 5, 6};
	char name[16];

	(void)state;
	needs("hivexml");
	needs("hivexregedit");
	for (unsigned i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "h%u", minors[i]);
		make(name, minors[i], 40 + i, EDITS);
		assert_sound(name, false);
		assert_judged_alike(name);
	}
}

static void hivex_reads_what_was_flushed_in_steps(void **state)
{
	(void)state;
	needs("hivexml");
	needs("hivexregedit");
	make("h", 5, 7, SHORT);
	for (unsigned i = 0; i < 3; i++)
		edit("h", 70 + i, SHORT);
	assert_sound("h", false);
	assert_judged_alike("h");
}

static void the_library_of_libregf_reads_what_we_wrote(void **state)
{
	(void)state;
	needs("regfinfo");
	make("h", 5, 8, EDITS);
	assert_int_equal(sh("regfinfo h >said 2>&1 && ! grep -qi -e corrupt -e unable "
			    "said || { tail -5 said >&2; false; }"),
			 0);
}

/* Its list has a line for each key and value; names beyond ASCII it writes its way. */
static void reglookup_finds_every_key_value_and_descriptor(void **state)
{
	(void)state;
	needs("reglookup");
	make("h", 5, 9, EDITS);
	assert_int_equal(sh("reglookup -s h >said 2>warned"), 0);
	/* It knows ASCII alone, and what our random bytes are it cannot know. */
	assert_int_equal(sh("grep -v -e 'encoding US-ASCII' -e 'could not be "
			    "interpreted' warned >bad; head -5 bad >&2; [ ! -s bad ]"),
			 0);
	assert_int_equal(sh("\"$flushbench\" hive dump h >ours; "
			    "keys=$(grep -c ',KEY,,[0-9]*-' said) && "
			    "lines=$(($(wc -l <said) - 1)) && "
			    "[ $keys -eq $(grep -c '^\\[' ours) ] && "
			    "[ $((lines - keys)) -eq $(grep -c '^[@\"]' ours) ]"),
			 0);
	assert_int_equal(
		sh("[ $(grep ',KEY,,[0-9]*-' said | grep -vc "
		   "'S-1-5-32-544,S-1-5-32-544,,S-1-5-[0-9]*:ALLOW:') -eq 0 ]"),
		0);
}

static void reglookup_finds_every_path(void **state)
{
	(void)state;
	needs("reglookup");
	make_plain("h", 12);
	assert_int_equal(sh("reglookup -H -t KEY h | sed 's/,KEY,.*//' | LC_ALL=C sort "
			    ">theirs; \"$flushbench\" hive dump h | sed -n "
			    "'s/^\\[\\(.*\\)\\]$/\\1/p' | tr '\\\\' / | "
			    "LC_ALL=C sort >ours; diff ours theirs | head -5 >&2; "
			    "[ $(wc -l <ours) -gt 300 ] && cmp -s ours theirs"),
			 0);
}

static void regtree_finds_every_key(void **state)
{
	(void)state;
	needs("regtree");
	make_plain("h", 10);
	assert_int_equal(
		sh("regtree -F h >said 2>warned || { cat warned >&2; false; }"), 0);
	assert_int_equal(sh("\"$flushbench\" hive dump h | sed -n "
			    "'s/^\\[.*\\\\\\(..*\\)\\]$/\\1/p' | sed 's/^ *//' | "
			    "LC_ALL=C sort >names; sed 's/^ *//;/^$/d' said | "
			    "LC_ALL=C sort >theirs; diff names theirs | head -5 >&2; "
			    "[ $(wc -l <names) -gt 300 ] && cmp -s names theirs"),
			 0);
}

/* Half of the keys below the root, with all that is in them. */
static void delete_by_hivexregedit(const char *name)
{
	assert_int_equal(sh("\"$flushbench\" hive dump %s | sed -n "
			    "'s/^\\[\\(\\\\[^\\\\][^\\\\]*\\)\\]$/[-\\1]/p' | "
			    "awk 'NR %% 2' >gone && [ $(wc -l <gone) -gt 10 ] && "
			    "hivexregedit --merge %s gone",
			    name, name),
			 0);
}

static void what_hivexregedit_makes_of_our_text_is_the_same_hive(void **state)
{
	(void)state;
	needs("hivexregedit");
	make("h", 5, 11, EDITS);
	make("theirs.hiv", 5, 0, 0);
	assert_int_equal(sh("\"$flushbench\" hive dump h >text && "
			    "hivexregedit --merge theirs.hiv text"),
			 0);
	assert_sound("theirs.hiv", true);
	assert_int_equal(sh("\"$flushbench\" hive dump theirs.hiv | cmp - text"), 0);
}

static void a_hive_of_hivexregedit_is_sound_and_can_be_edited(void **state)
{
	(void)state;
	needs("hivexregedit");
	make("text.hiv", 5, 13, EDITS);
	make("h", 5, 0, 0);
	assert_int_equal(sh("\"$flushbench\" hive dump text.hiv >text && "
			    "hivexregedit --merge h text"),
			 0);
	delete_by_hivexregedit("h");
	assert_sound("h", true);
	assert_judged_alike("h");
	edit("h", 14, SHORT);
	assert_sound("h", true);
	assert_judged_alike("h");
	delete_by_hivexregedit("h");
	assert_sound("h", true);
}

static void a_hive_of_hivexsh_is_sound_and_can_be_edited(void **state)
{
	(void)state;
	needs("hivexsh");
	make("h", 5, 0, 0);
	assert_int_equal(
		sh("for k in a b c d e f g h; do\n"
		   "echo 'cd \\'; echo add $k; echo cd $k; echo add sub$k\n"
		   "echo setval 3; echo @; echo string:of $k; echo bin\n"
		   "echo hex:3:00,00,00,00,00,00,00,00,00; echo num; echo dword:$k\n"
		   "echo setval 1; echo only; echo expandstring:again; done >script\n"
		   "for k in b c f; do printf 'cd \\\\%%s\\ndel\\n' $k; done "
		   ">>script\n"
		   "echo commit >>script; sed -i 's/dword:[a-h]/dword:7/' script\n"
		   "hivexsh -w -f script h"),
		0);
	assert_int_equal(sh("\"$flushbench\" hive dump h >text; grep -q suba text && "
			    "[ $(grep -c '\\\\sub' text) -eq 5 ] && "
			    "[ $(grep -c '^\"only\"=hex(2)' text) -eq 5 ]"),
			 0);
	assert_sound("h", true);
	edit("h", 15, SHORT);
	assert_sound("h", true);
	assert_judged_alike("h");
}

/* hivex sorts "a_b" before "ab", NT after it. */
static void a_key_is_found_in_the_order_of_hivex(void **state)
{
	static const char *const names[] = {"FooBar", "Foo_Bar", "a^b", "ab",
					    "a[c",    "_x",      "Zed", "a_"};
	char path[TMPDIR_LEN + 64];
	struct fb_hive *h;
	uint32_t key;

	(void)state;
	needs("hivexsh");
	make("h", 5, 0, 0);
	assert_int_equal(sh("for k in FooBar Foo_Bar 'a^b' ab 'a[c' _x Zed a_; do "
			    "echo 'cd \\'; echo \"add $k\"; done >script; "
			    "echo commit >>script; hivexsh -w -f script h"),
			 0);
	path_of(path, "h");
	h = hive_edits_open(path, false);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(
			fb_key_find(h, fb_hive_root(h), hive_name(names[i]), &key), 0);
		assert_int_equal(
			fb_key_create(h, fb_hive_root(h), hive_name(names[i]), &key),
			-EEXIST);
	}
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(
			fb_key_find(h, fb_hive_root(h), hive_name(names[i]), &key), 0);
		assert_int_equal(fb_key_delete(h, key), 0);
	}
	assert_int_equal(fb_hive_close(h, NULL), 0);
	assert_sound("h", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, enter, leave)
		T(hivex_reads_what_we_wrote_and_finds_the_same),
		T(hivex_reads_what_was_flushed_in_steps),
		T(the_library_of_libregf_reads_what_we_wrote),
		T(reglookup_finds_every_key_value_and_descriptor),
		T(reglookup_finds_every_path),
		T(regtree_finds_every_key),
		T(what_hivexregedit_makes_of_our_text_is_the_same_hive),
		T(a_hive_of_hivexregedit_is_sound_and_can_be_edited),
		T(a_hive_of_hivexsh_is_sound_and_can_be_edited),
		T(a_key_is_found_in_the_order_of_hivex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
