#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "account/trace_format.h"
#include "support/requests_rig.h"

#include <string.h>

static struct requests_rig rig;

static int leave(void **state)
{
	(void)state;
	rig_close(&rig);
	return 0;
}

/* The rule itself, also for what this kernel does not do. */
static void marks_are_judged_by_file_system(void **state)
{
	static const struct {
		const char *fs, *rwbs, *comm;
		uint8_t klass;
		bool perhaps, surely;
	} rules[] = {
		{"ext4", "WSM", "jbd2/vda1-8", FB_RQ_JOURNAL, false, true},
		{"ext4", "WS", "jbd2/vda1-8", FB_RQ_JOURNAL, false, false},
		{"ext4", "FWFSM", "program", FB_RQ_JOURNAL, false, true},
		{"ext4", "FWFS", "program", FB_RQ_JOURNAL, false, true},
		{"ext4", "WFSM", "program", FB_RQ_JOURNAL, false, false},
		{"ext4", "WFS", "program", FB_RQ_OTHER, false, false},
		{"ext4", "WSM", "program", FB_RQ_METADATA, true, false},
		{"ext4", "WM", "kworker/0:1", FB_RQ_METADATA, false, false},
		{"ext4", "WS", "program", FB_RQ_OTHER, false, false},
		{"ext3", "WSM", "jbd2/vda1-8", FB_RQ_JOURNAL, false, true},
		{"xfs", "WSM", "kworker/u8:4", FB_RQ_JOURNAL, false, true},
		{"xfs", "FWFSM", "program", FB_RQ_JOURNAL, false, true},
		{"xfs", "WM", "xfsaild/vda", FB_RQ_METADATA, false, false},
		{"xfs", "WFS", "program", FB_RQ_OTHER, false, false},
		{"xfs", "WSM", "jbd2/vda1-8", FB_RQ_JOURNAL, false, true},
		{"btrfs", "WFSM", "program", FB_RQ_METADATA, false, false},
		{"btrfs", "WS", "program", FB_RQ_OTHER, false, false},
		{"", "WFS", "program", FB_RQ_OTHER, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const uint32_t flags = fb_trace_flags(rules[i].rwbs,
						      strlen(rules[i].rwbs));
		const struct fb_marks m = fb_marks_of(rules[i].fs, flags,
						      rules[i].comm);

		if (m.klass != rules[i].klass ||
		    m.perhaps_journal != rules[i].perhaps ||
		    m.surely_journal != rules[i].surely)
			fail_msg("%s %s %s", rules[i].fs, rules[i].rwbs, rules[i].comm);
	}
}

/* As seen with 1 KiB blocks; the bounds of the journal are not known beforehand. */
static void blocks_of_a_fast_commit_are_journal_by_their_place(void **state)
{
	(void)state;
	rig_open(&rig, "ext4", false, false);
	rig_request(&rig, "WSM", 500, 8); /* written home */
	rig_request(&rig, "WSM", 5000, 2);
	rig_request(&rig, "WSM", 5002, 2);
	rig_request(&rig, "FWFSM", 5004, 2);
	rig_request(&rig, "WSM", 5006, 2);
	rig_request(&rig, "FWFSM", 5008, 2);
	rig_request(&rig, "WSM", 5010, 2); /* of one that was given up */
	rig_request(&rig, "WSM", 6000, 2);
	rig_finish(&rig);
	RIG_ROWS(&rig, "own metadata 0 self 2 5120", "own journal 0 self 4 4096",
		 "own journal 1 self 2 2048");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_are_judged_by_file_system),
		cmocka_unit_test_teardown(
			blocks_of_a_fast_commit_are_journal_by_their_place, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
