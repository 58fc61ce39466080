# guest.sh - a machine with persistent memory and disks that needs none: a stock kernel
# under qemu's own CPU, all its files in the initramfs, its console in a file
#
# Sourced after tests/support/claims.sh. What the NVDIMMs hold is in $work and outlives
# the machine.
# shellcheck shell=sh disable=SC2154

: "${FB_DAX_KERNEL:=build/dax/kernel}" "${FB_DAX_LIMIT:=60}"
probe=${DAX:=build/x86_64-linux/tests/dax}/dax_probe
PATH=$PATH:/sbin:/usr/sbin
root=$work/root
machine=
for kernel in "$FB_DAX_KERNEL"/boot/vmlinuz-*; do :; done
# A second signal must not end the shell before all is gone.
trap 'trap "" INT TERM HUP; end_machine; rm -rf "$work"' EXIT

# Says what is missing, nothing when all is there.
guest_lacks()
{
	for tool in qemu-system-x86_64 busybox mke2fs dmsetup ldd gzip; do
		command -v $tool >/dev/null || echo "there is no $tool"
	done
	case $work in *,*) echo "qemu takes no comma in a name: $work; set TMPDIR" ;; esac
	[ "$(uname -m)" = x86_64 ] || echo "the guest is x86_64, this is $(uname -m)"
	[ -e "$kernel" ] || echo "there is no kernel in $FB_DAX_KERNEL"
	[ -x "$probe" ] || echo "there is no $probe; run make check-dax"
	busybox --list 2>/dev/null | grep -qx insmod ||
		echo 'busybox cannot load modules; install busybox-static'
	modules_lack
}

# A kernel's modules may be packed, each as it likes.
modules_lack()
{
	for packed in $(find "$FB_DAX_KERNEL/lib/modules" -name '*.ko.*' 2>/dev/null |
		sed 's/.*\.ko\.//' | sort -u); do
		case $packed in
		xz) command -v xz >/dev/null ||
			echo "there is no xz, and the modules in $FB_DAX_KERNEL are .ko.xz" ;;
		*) echo "the modules in $FB_DAX_KERNEL are .ko.$packed, and only .ko and" \
			'.ko.xz are known here' ;;
		esac
	done
}

# add_module NAME  and first what it depends on, by what it says itself
add_module()
{
	file=$(find "$FB_DAX_KERNEL/lib/modules" -name "$(echo "$1" |
		sed 's/[-_]/[-_]/g').ko*" | head -n 1)
	# Not there: built in, or the claims will tell.
	[ -n "$file" ] || return 0
	name=$(basename "$file" .xz)
	[ ! -e "$root/modules/$name" ] || return 0
	case $file in
	*.xz) xz -dc "$file" >"$root/modules/$name" ;;
	*) cp "$file" "$root/modules/$name" ;;
	esac
	for needed in $(tr '\0' '\n' <"$root/modules/$name" |
		sed -n 's/^depends=//p' | tr , ' '); do
		(add_module "$needed")
	done
	echo "$name" >>"$root/modules/order"
}

# add_libraries FILE FOLDER  what the program or library loads, the loader included
add_libraries()
{
	ldd "$1" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | while read -r library; do
		[ -e "$root/lib/$(basename "$library")" ] ||
			cp -L "$library" "$root/$2/"
	done
	loader=$(ldd "$1" 2>/dev/null | sed -n 's/^[[:blank:]]*\(\/[^ ]*\) .*/\1/p')
	[ -z "$loader" ] || [ -e "$root$loader" ] || {
		mkdir -p "$root$(dirname "$loader")"
		cp -L "$loader" "$root$loader"
	}
}

add_program()
{
	cp "$1" "$root/dax/$2"
	add_libraries "$1" lib
}

# add_optional LIBRARY FOLDER  one that the program opens itself, where it is installed,
# away from the others: found by those who are told where it is
add_optional()
{
	optional=$(ldconfig -p | sed -n "s/.*$1 (.*x86-64) => //p" | head -n 1)
	[ -n "$optional" ] || return 0
	cp -L "$optional" "$root/$2/"
	add_libraries "$optional" "$2"
}

make_initramfs()
{
	mkdir -p "$root/bin" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" \
		"$root/lib" "$root/pmem" "$root/nvme" "$root/modules" \
		"$root/dax/tests/support" "$root/dax/tests/dax"
	cp "$(command -v busybox)" "$root/bin/busybox"
	add_libraries "$root/bin/busybox" lib
	cp tests/support/claims.sh "$root/dax/tests/support/"
	cp tests/dax/in_guest.sh tests/dax/boot_*.sh "$root/dax/tests/dax/"
	cp tests/dax/init "$root/init"
	chmod 755 "$root/init"
	add_program "$program" flushbench
	add_program "$probe" dax_probe
	add_program "$(command -v mke2fs)" mke2fs
	add_program "$(command -v dmsetup)" dmsetup
	add_optional libpmem.so.1 pmem
	add_optional libnvme.so.1 nvme
	for module in nfit nd_pmem dax_pmem device_dax virtio_pci virtio_pmem nd_e820 \
		virtio_blk nvme dm_mod md_mod raid1; do
		add_module $module
	done
	(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) |
		gzip -1 >"$work/initramfs"
}

end_machine()
{
	[ -n "$machine" ] || return 0
	kill -s KILL "$machine" 2>/dev/null
	wait "$machine" 2>/dev/null
	machine=
}

# start_machine KERNEL OPTION...
start_machine()
{
	on_death=
	setpriv --pdeathsig KILL true 2>/dev/null && on_death='setpriv --pdeathsig KILL'
	append="console=ttyS0 quiet loglevel=2 panic=-1 $1"
	shift
	$on_death qemu-system-x86_64 -accel tcg -cpu max "$@" -append "$append" \
		-kernel "$kernel" -initrd "$work/initramfs" -nographic -nodefaults \
		-no-reboot -serial "file:$console" </dev/null >"$work/qemu" 2>&1 &
	machine=$!
}

# boot_memory NAME MACHINE NVDIMM KERNEL  with what is added to the options of these: two
# NVDIMMs, and a virtio-pmem, whose host keeps it in its page cache
boot_memory()
{
	truncate -s 64M "$work/nvdimm0" "$work/virtio"
	truncate -s 32M "$work/nvdimm1"
	object=memory-backend-file,share=on
	boot "$1" "$4" -m 1G,slots=2,maxmem=2G -machine "pc,nvdimm=on$2" \
		-object "$object,id=m0,size=64M,mem-path=$work/nvdimm0" \
		-object "$object,id=m1,size=32M,mem-path=$work/nvdimm1" \
		-object "$object,id=m2,size=64M,mem-path=$work/virtio" \
		-device "nvdimm,id=n0,memdev=m0$3" -device "nvdimm,id=n1,memdev=m1$3" \
		-device virtio-pmem-pci,id=n2,memdev=m2
}

# boot_disks NAME  four virtio disks, vda to vdd, and an NVMe one, all with a cache that
# must be flushed
boot_disks()
{
	booted=$1
	set -- -m 512M -machine pc
	for disk in a b c d nvme; do
		truncate -s 40M "$work/disk_$disk"
		set -- "$@" -drive "if=none,id=$disk,format=raw,cache=unsafe,file=$work/disk_$disk"
		case $disk in
		nvme) set -- "$@" -device nvme,serial=flushed,drive=nvme ;;
		*) set -- "$@" -device "virtio-blk-pci,drive=$disk,write-cache=on" ;;
		esac
	done
	boot "$booted" '' "$@"
}

# boot NAME KERNEL OPTION...  runs tests/dax/boot_NAME.sh in a machine with those options
# and leaves what it said in $console. The guest ends itself, or asks for a power cut:
# then, and when its time is over, it is gone at once.
boot()
{
	console=$work/console_$1
	: >"$console"
	: >"$work/qemu"
	cmdline="boot=$1 $2"
	shift 2
	start_machine "$cmdline" "$@"
	tenths=$((FB_DAX_LIMIT * 10))
	while [ $tenths -gt 0 ] && kill -s 0 "$machine" 2>/dev/null &&
		! grep -q '^guest: the power may go' "$console"; do
		sleep 0.1
		tenths=$((tenths - 1))
	done
	[ $tenths -gt 0 ] || echo "no end within $FB_DAX_LIMIT s" >>"$work/qemu"
	end_machine
	tr -d '\r' <"$console" >"$console.text"
	mv "$console.text" "$console"
}
