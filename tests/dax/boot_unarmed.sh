# The third boot: the NVDIMMs are not armed, as when the battery is flat, so nothing may
# be stored; beside them ordinary memory that the command line sets aside (memmap=).
# shellcheck shell=sh disable=SC2154
. tests/dax/in_guest.sh

dax_mount /dev/pmem0 /mnt >"$said" 2>&1

grep ' /mnt ' /proc/mounts >"$said"
says ' ext4 ro,'
claim an_unarmed_nvdimm_is_mounted_read_only $?
probe check /mnt/pattern
claim it_can_still_be_read $code
probe open /mnt/probed
[ $code -eq 1 ] && says '^STATUS_MEDIA_WRITE_PROTECTED$'
claim the_seam_tells_a_write_protected_file $?
probe create /mnt/new
[ $code -eq 1 ] && says '^STATUS_MEDIA_WRITE_PROTECTED$'
claim the_seam_creates_no_file_there $?
run unarmed --target /mnt --mode flush
[ $code -eq 4 ] && says 'not armed' && says 'write-protected' &&
	says '/sys/bus/nd/devices/region0/read_only'
claim a_run_says_that_the_nvdimm_is_not_armed $?
run device --target /dev/dax1.0 --allow-device /dev/dax1.0 --mode flush
[ $code -eq 4 ] && says 'not armed' && says 'write-protected'
claim nor_is_an_unarmed_device_dax_written_to $?
grants_none /dev/dax1.0 STATUS_MEDIA_WRITE_PROTECTED
claim it_is_granted_no_token_either $?
probe check /dev/dax1.0
claim the_device_dax_is_as_it_was $code

plain=$(region_of e820)
dax_format "/dev/pmem$plain" && dax_mount "/dev/pmem$plain" /plain
run plain --target /plain --mode flush,write-persist
promises plain 2 -
claim memory_set_aside_by_hand_promises_nothing_known $? "$said" "$work/rows"
warned plain nv_plain_memory && fact plain nv_provider e820
claim it_is_warned_of $? "$work/results/plain/warnings.csv" \
	"$work/results/plain/system.csv"
