#!/bin/sh
# Persistent memory and stacks of disks for real: our own programs in a guest, booted
# three times with NVDIMMs and once with disks. Each boot is a script of claims; those it
# did not come to have failed.
set -u

program=${FLUSHBENCH:-$PWD/flushbench}
. tests/support/claims.sh
. tests/dax/guest.sh

claims_of()
{
	sed -n 's/^[[:blank:]]*claim \([a-z0-9_]*\) .*/\1/p' "tests/dax/boot_$1.sh"
}

skip_all()
{
	for boot in adr eadr unarmed blocks; do
		claims_of $boot | sed "s,\$,: $1," | sed 's/^/skip - /'
	done
	exit 0
}

# The guest's claims, as it made them, then those it did not make: sets lost, and the
# next boot with NVDIMMs, which builds on this one, is left out.
judge()
{
	console=$work/console_$1
	: >>"$console"
	grep -E '^(ok|not ok|skip|#)( |$)' "$console"
	! grep -q '^not ok - ' "$console" || status=1
	lost=
	for name in $(claims_of "$1"); do
		grep -q -E -e "^(ok|not ok) - $name\$" -e "^skip - $name: " \
			"$console" && continue
		echo "not ok - $name"
		lost=yes
	done
	[ -n "$lost" ] || return
	status=1
	tail -n 30 "$console" "$work/qemu" | sed 's/^/# /'
}

lacks=$(guest_lacks | head -n 1)
[ -z "$lacks" ] || skip_all "$lacks; run scripts/deps.sh dax"
make_initramfs

boot_memory adr ,nvdimm-persistence=mem-ctrl '' ''
judge adr
[ -n "$lost" ] || boot_memory eadr ,nvdimm-persistence=cpu '' ''
judge eadr
[ -n "$lost" ] || boot_memory unarmed '' ,unarmed=on 'memmap=32M!128M'
judge unarmed
boot_disks blocks
judge blocks
exit $status
