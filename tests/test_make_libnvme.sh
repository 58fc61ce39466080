#!/bin/sh
# A build without libnvme's header leaves out what needs it, and says so in one line.
set -u

. tests/support/claims.sh

# In a build of its own, whatever this test run is of; $1 is libnvme= or nothing.
make_in()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u SAN -u HOST -u CC -u TESTS -u V \
		make BUILD="$work/build" WERROR=1 "$@" >"$said" 2>&1
}

make_in libnvme= "$work/build/src/device/nvme_bare_linux.o" \
	"$work/build/src/device/media_linux.o"
claim it_compiles_without_that_header $?

make_in -n libnvme= "$work/build/libflushbench.a" && grep -q nvme_bare_linux.o "$said" &&
	! grep -q 'nvme_linux\.o' "$said" && [ "$(grep -c libnvme-dev "$said")" -eq 1 ]
claim it_says_what_is_left_out_once $?

name=what_needs_it_is_built_where_it_is
if echo '#include <libnvme.h>' | cc -E -x c - >/dev/null 2>&1; then
	make_in -n "$work/build/libflushbench.a" && grep -q 'nvme_linux\.o' "$said" &&
		! grep -q -e nvme_bare -e libnvme-dev "$said"
	claim $name $?
else
	lacking $name '<libnvme.h>'
fi

exit $status
