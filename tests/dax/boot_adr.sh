# The first boot: NVDIMMs whose platform saves the memory controller's queues, so a line
# must leave the caches. Ends when the host cuts the power.
# shellcheck shell=sh disable=SC2154
. tests/dax/in_guest.sh

make_namespace 0 pfn nd_pmem && make_namespace 1 dax dax_pmem &&
	dax_format /dev/pmem0 && dax_mount /dev/pmem0 /mnt
: >/mnt/probed
truncate -s 4M /mnt/probed
mkdir /ram
mount -t tmpfs ram /ram
truncate -s 4M /ram/probed

probe sync /mnt/probed
claim a_dax_file_system_grants_map_sync $code
grants /mnt/probed \
	'^granularity line, flush cl[a-z]*, emulated 0, libpmem none, .* by the kernel$'
claim a_token_is_granted_by_map_sync_without_libpmem $?
no_map_sync /ram/probed
claim tmpfs_grants_no_map_sync $?
grants_none /ram/probed
claim the_seam_maps_no_file_of_tmpfs $?

probe sync_view /mnt/probed
[ $code -eq 0 ] && says '^STATUS_SUCCESS STATUS_SUCCESS$'
claim a_view_of_a_file_can_also_be_written_back $?
probe sync_view /dev/dax1.0
[ $code -eq 1 ] && says '^STATUS_NOT_SUPPORTED STATUS_NOT_SUPPORTED$'
claim a_view_of_a_device_dax_has_no_file_to_write_back_to $?

run plain --target /mnt
promises plain 11
claim every_mode_runs_and_survives_power_loss $? "$said" "$work/rows" "$work/samples"
fact plain nv_persistence_domain memory_controller && fact plain nv_region region0 &&
	fact plain nv_provider ACPI.NFIT && fact plain libpmem none
claim the_run_tells_of_its_persistent_memory $? "$work/results/plain/system.csv"
all_have_samples plain && ! warned plain nv_emulated && ! warned plain nv_plain_memory
claim memory_that_is_persistent_is_not_warned_of $? "$work/results/plain/warnings.csv"
[ "$(ls /mnt)" = "$(printf 'lost+found\nprobed')" ]
claim a_run_leaves_nothing_on_the_file_system $?

every_row plain 'lines_dirtied lines_flushed' '[1-9][0-9]* [1-9][0-9]*' 11 &&
	run lines --target /mnt --mode flush --bs 100 --align 64 &&
	every_row lines 'lines_dirtied lines_flushed' '\([1-9][0-9]*\) \1' 1
claim the_lines_that_were_flushed_are_those_written $? "$said" "$work/rows"
run crowd --target /mnt --mode ranges,write-flush-drain --numjobs 2 --share one,own \
	--bs 1,4097 --ranges 3 --batch 8
[ $code -eq 0 ] && every_row crowd 'survives errors' 'power-loss 0' 8 &&
	all_have_samples crowd
claim threads_and_odd_ranges_run_there $? "$said" "$work/rows" "$work/samples"

run unflushed --target /mnt --mode flush --nv_flush none
[ $code -eq 0 ] &&
	every_row unflushed 'survives fidelity' 'process-crash equivalent' 1
claim without_a_flush_of_lines_a_process_crash_is_survived $? "$said" "$work/rows"

run ram --target /ram --mode flush,write-persist
[ $code -eq 0 ] && says nv_emulate &&
	every_row ram 'survives fidelity ops status' '- missing [-0] 0xC00000BB' 2
claim a_page_cache_is_refused_and_told_of_nv_emulate $? "$said" "$work/rows"

run unasked --target /dev/dax1.0 --mode flush
[ $code -eq 2 ] && says '--allow-device /dev/dax1.0'
claim a_device_dax_is_not_written_to_unasked $?
run device --target /dev/dax1.0 --allow-device /dev/dax1.0
promises device 11 && fact device nv_region region1
claim a_device_dax_runs_every_mode_when_asked $? "$said" "$work/rows" "$work/samples"
./dax_probe hold /dev/dax1.0 >"$work/held" 2>&1 &
holder=$!
until [ -s "$work/held" ]; do
	sleep 0.1
done
run held --target /dev/dax1.0 --allow-device /dev/dax1.0
kill $holder
[ $code -eq 2 ] && says 'in use by another run'
claim a_device_dax_that_another_run_holds_is_left_alone $?
run absent --target /dev/dax7.0 --allow-device /dev/dax7.0 --mode flush
[ $code -eq 2 ] && says 'there is no such device'
claim a_device_that_is_not_there_is_told_as_such $?

if libpmem a_token_is_granted_through_libpmem; then
	with_libpmem grants /mnt/probed \
		'^granularity line, .* emulated 0, libpmem 1\..*, mapped by 1\.'
	claim a_token_is_granted_through_libpmem $?
fi
if libpmem a_run_through_libpmem_promises_the_same; then
	with_libpmem run library --target /mnt --mode flush,ranges,write-persist
	promises library 3 && fact library libpmem '1\..*'
	claim a_run_through_libpmem_promises_the_same $? "$said" "$work/rows"
fi
if libpmem a_device_dax_is_granted_a_token_through_libpmem; then
	with_libpmem grants /dev/dax1.0 '^granularity line, .*, mapped by 1\.'
	claim a_device_dax_is_granted_a_token_through_libpmem $?
fi
if libpmem a_forced_libpmem_is_not_believed; then
	export PMEM_IS_PMEM_FORCE=1
	with_libpmem grants_none /ram/probed
	claim a_forced_libpmem_is_not_believed $?
	with_libpmem run forced --target /ram --mode flush
	unset PMEM_IS_PMEM_FORCE
fi
if libpmem a_run_warns_of_what_forces_libpmem; then
	every_row forced 'fidelity ops' 'missing [-0]' 1 && warned forced nv_environment
	claim a_run_warns_of_what_forces_libpmem $? "$said" "$work/rows"
fi

probe write /dev/dax1.0
claim a_pattern_is_stored_on_a_device_dax $code
probe write /mnt/pattern
claim a_pattern_is_stored_in_a_new_file $code
echo 'nobody syncs this' >/mnt/unsynced
echo 'guest: the power may go'
while :; do
	sleep 60
done
