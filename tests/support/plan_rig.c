#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plan_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct plan_rig rig;

int plan_rig_enter(void **state)
{
	(void)state;
	memset(&rig, 0, sizeof(rig));
	return 0;
}

int plan_rig_leave(void **state)
{
	(void)state;
	fb_plan_free(&rig.plan);
	fb_profile_free(&rig.profile);
	if (rig.path[0])
		unlink(rig.path);
	return 0;
}

void plan_rig_again(void)
{
	plan_rig_leave(NULL);
	plan_rig_enter(NULL);
}

int load_bytes(const void *bytes, size_t n)
{
	FILE *f;
	int fd;

	strcpy(rig.path, "/tmp/flushbench-test-XXXXXX");
	fd = mkstemp(rig.path);
	assert_true(fd >= 0);
	f = fdopen(fd, "wb");
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
	return fb_profile_load(&rig.profile, rig.path, &rig.err);
}

int load(const char *text)
{
	return load_bytes(text, strlen(text));
}

int expand(const char *text)
{
	int ret = load(text);

	return ret ? ret : fb_plan_expand(&rig.plan, &rig.profile, &rig.err);
}

void assert_told(unsigned line, const char *what)
{
	char where[96];

	snprintf(where, sizeof(where), "%s:%u: ", rig.path, line);
	if (strncmp(rig.err.text, where, strlen(where)) || !strstr(rig.err.text, what))
		fail_msg("\"%s\" does not name line %u and say \"%s\"", rig.err.text,
			 line, what);
}

void assert_not_planned(const char *text, unsigned line, const char *what)
{
	plan_rig_again();
	assert_int_not_equal(expand(text), 0);
	assert_told(line, what);
}

const char *only_left_out(const char *text)
{
	plan_rig_again();
	assert_int_equal(expand(text), 0);
	assert_int_equal(rig.plan.n_cases, 0);
	assert_int_equal(rig.plan.n_left_out, 1);
	return rig.plan.left_out[0].reason;
}

bool is_given(const struct fb_case *c, const char *param)
{
	const int i = fb_param_find(param);

	assert_true(i >= 0);
	return c->given >> i & 1;
}
