#!/bin/sh
# scripts/check-layers.sh on small trees: each breach is found where it stands,
# and nothing is found where there is none.
set -u

. tests/support/claims.sh
check=$PWD/scripts/check-layers.sh

# $1 a file under src, standard input its text; leaves said and code
check()
{
	rm -rf "$work/src"
	mkdir -p "$work/src/${1%/*}"
	cat >"$work/src/$1"
	"$check" "$work" >"$said" 2>&1
	code=$?
}

# $1 the line of the breach, $2 words of it
found()
{
	[ $code -ne 0 ] && [ "$(grep -c '^not ok' "$said")" -eq 1 ] &&
		grep -q "^# src/[^:]*:$1:.*$2" "$said"
}

check base/a.c <<'C'
/* exit(1), printf("x"), __linux__ and
   #include "bench/x.h" in a comment */
#include <stdio.h>
#include "base/a.h"
const char *s = "exit(1) \" stdout _WIN32"; // abort()
int f(FILE *f) { x->exit(1); my_exit(2); return fprintf(f, "%d", '"'); }
C
[ $code -eq 0 ] && ! grep -q '^not ok' "$said"
claim words_in_comments_and_strings_are_no_breach $?

check run/a.c <<'C'
#include "plan/a.h"
#include "path/a.h"
C
[ $code -eq 0 ]
claim what_the_table_allows_passes $?

check stats/a.c <<'C'

/* one */ #include "plan/a.h"
C
found 2 'stats may not include plan'
claim a_layer_below_may_not_include_a_layer_beside_it $?

check run/a.c <<'C'
#  include "bench/a.h"
C
found 1 'run may not include bench'
claim the_library_never_includes_the_program $?

check run/a.c <<'C'
#include "../bench/a.h"
C
found 1 'no path with'
claim a_path_upward_is_a_breach $?

check newcomer/a.c <<'C'
#include "base/a.h"
C
found 1 'newcomer is not in the table'
claim a_folder_missing_from_the_table_is_a_breach $?

check nt/nt.h <<'C'
#ifdef _WIN32
#endif
C
found 1 _WIN32
claim a_system_macro_in_common_code_is_a_breach $?

check nt/nt_types.h <<'C'
#ifdef _WIN32
#endif
C
[ $code -eq 0 ]
claim the_one_header_for_types_may_ask_for_the_system $?

check device/a_linux.c <<'C'
#ifdef __linux__
#endif
C
[ $code -eq 0 ]
claim a_file_of_one_system_may_ask_for_it $?

check base/a.c <<'C'
void f(void) { exit(1); }
C
found 1 exit
claim ending_the_program_is_a_breach $?

check base/a.c <<'C'
void f(void)
{
	fprintf(stderr, "x");
}
C
found 3 stderr
claim printing_to_the_terminal_is_a_breach $?

rm -rf "$work/src"
! "$check" "$work" >"$said" 2>&1
claim no_source_at_all_is_a_failure $?

exit $status
