#!/bin/sh
# What the virtual machine of `make check-dax` is made of, without starting it.
set -u

. tests/support/claims.sh

# A kernel that has but modules of the kind $1.
FB_DAX_KERNEL=$work/kernel
mkdir -p "$FB_DAX_KERNEL/boot" "$FB_DAX_KERNEL/lib/modules/9/kernel"
: >"$FB_DAX_KERNEL/boot/vmlinuz-9"
with_modules()
{
	rm -f "$FB_DAX_KERNEL/lib/modules/9/kernel/"*
	: >"$FB_DAX_KERNEL/lib/modules/9/kernel/nfit.$1"
}

. tests/dax/guest.sh

with_modules ko
modules_lack >"$said" 2>&1
[ ! -s "$said" ]
claim modules_that_are_not_packed_need_nothing $?

mkdir "$work/bin"
for tool in find sed sort; do
	ln -s "$(command -v $tool)" "$work/bin/$tool"
done
with_modules ko.xz
(PATH=$work/bin && modules_lack) >"$said" 2>&1
grep -q 'there is no xz' "$said"
claim modules_packed_by_xz_need_xz $?

ln -s /bin/true "$work/bin/xz"
(PATH=$work/bin && modules_lack) >"$said" 2>&1
[ ! -s "$said" ]
claim with_xz_they_need_nothing $?

with_modules ko.zst
modules_lack >"$said" 2>&1
grep -q 'are \.ko\.zst, and only \.ko and \.ko\.xz are known' "$said" &&
	guest_lacks 2>/dev/null | grep -q 'ko\.zst'
claim modules_packed_otherwise_are_told $?

exit $status
