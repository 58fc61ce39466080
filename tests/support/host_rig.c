#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/host_rig.h"

#include <string.h>

struct host_rig host_rig;

int host_rig_leave(void **state)
{
	(void)state;
	fb_facts_free(&host_rig.facts);
	fb_warnings_free(&host_rig.warnings);
	return 0;
}

const char *fact_value(const char *key)
{
	for (size_t i = 0; i < host_rig.facts.n; i++)
		if (!strcmp(host_rig.facts.list[i].key, key))
			return host_rig.facts.list[i].value;
	return NULL;
}

void assert_fact(const char *key, const char *expected)
{
	const char *got = fact_value(key);

	if (!got)
		fail_msg("no fact %s", key);
	assert_string_equal(got, expected);
}

void assert_sentences(size_t n)
{
	assert_int_equal(host_rig.warnings.n, n);
	for (size_t i = 0; i < n; i++) {
		const char *text = host_rig.warnings.list[i].text;

		assert_int_equal(text[strlen(text) - 1], '.');
	}
}
