# The second boot: the same contents, but now the platform saves the caches, too (eADR);
# beside them a virtio-pmem, which the host keeps in its page cache.
# shellcheck shell=sh disable=SC2154
. tests/dax/in_guest.sh

dax_mount /dev/pmem0 /mnt

probe check /mnt/pattern
claim stored_lines_are_there_after_the_power_was_cut $code
probe check /dev/dax1.0
claim they_are_there_on_the_device_dax $code
[ ! -e /mnt/unsynced ] && [ -e /mnt/probed ]
claim what_nobody_flushed_was_lost_with_the_power $?

grants /mnt/probed '^granularity byte, flush none, emulated 0'
claim where_caches_are_saved_no_line_needs_a_flush $?
if libpmem libpmem_leaves_the_granularity_a_byte; then
	with_libpmem grants /mnt/probed '^granularity byte, flush none, .*, mapped by 1\.'
	claim libpmem_leaves_the_granularity_a_byte $?
fi

run eadr --target /mnt
promises eadr 11 && fact eadr nv_persistence_domain cpu_cache
claim every_mode_survives_power_loss_with_eadr $? "$said" "$work/rows" "$work/samples"
run lines --target /mnt --mode flush
every_row lines 'lines_dirtied lines_flushed' '[1-9][0-9]* 0' 1
claim with_eadr_no_line_is_flushed $? "$said" "$work/rows"
run chosen --target /mnt --mode flush --nv_flush none,clflush
[ $code -eq 0 ] && every_row chosen survives power-loss 2
claim no_flush_of_lines_is_enough_with_eadr $? "$said" "$work/rows"

virtio=$(region_of virtio-pmem)
dax_format "/dev/pmem$virtio" && dax_mount "/dev/pmem$virtio" /virtio &&
	: >/virtio/probed && truncate -s 4M /virtio/probed
grep ' /virtio ' /proc/mounts >"$said"
says ' ext4 .*dax=always'
claim an_ext4_on_virtio_pmem_is_mounted_for_dax $?
no_map_sync /virtio/probed
claim virtio_pmem_grants_no_map_sync $?
grants_none /virtio/probed
claim virtio_pmem_is_granted_no_token $?
if libpmem nor_is_it_through_libpmem; then
	with_libpmem grants_none /virtio/probed
	claim nor_is_it_through_libpmem $?
fi
run virtio --target /virtio --mode flush
[ $code -eq 0 ] &&
	every_row virtio 'survives fidelity ops status' '- missing [-0] 0xC00000BB' 1
claim a_run_on_virtio_pmem_is_refused $? "$said" "$work/rows"
umount /virtio
make_namespace "$virtio" dax dax_pmem
probe sync "/dev/dax$virtio.0"
claim a_device_dax_on_it_grants_map_sync_all_the_same $code
grants_none "/dev/dax$virtio.0"
claim and_yet_is_granted_no_token $?
umount /mnt
