#!/bin/sh
# deps.sh [run|check|bench|dev|deb|dax]...  installs what that purpose needs and is not
# there; says nothing when all is. Exit 4: it cannot be had without your help.
#
# dax also fetches a kernel for the virtual machine and unpacks it, without installing
# it, into the folder FB_DAX_KERNEL, build/dax/kernel unless told.
set -u

# A program of several packages that shut each other out: any of them will do.
unless_there()
{
	command -v "$1" >/dev/null || echo "$2"
}

# What has a use only where lines are flushed by an instruction that we know; it is not
# packaged for every other processor either.
for_memory()
{
	case $(uname -m) in
	x86_64 | aarch64) echo "$@" ;;
	esac
}

# The judge of what we count.
perf_package()
{
	case " $ids " in
	*' ubuntu '*) echo linux-tools-generic ;;
	*) echo linux-perf ;;
	esac
}

# The one list of what we need. libpmem is looked for when a file on persistent memory
# is mapped, libnvme when an NVMe drive is asked of itself, and not missed where they are
# not there; a build without libnvme's header leaves out what needs it. Tried on Debian 12
# only: Ubuntu (the same names but one), dnf and pacman are untested, and the message says
# so.
# shellcheck disable=SC2046 # lists of words
packages()
{
	case $manager-$1 in
	apt-run)      echo make gcc libc6-dev libcsv-dev libinih-dev \
				$(unless_there gnuplot gnuplot-nox) \
				$(for_memory libpmem1) ;;
	apt-check)    echo pkg-config libcmocka-dev libfuse3-dev fuse3 \
				mount e2fsprogs xfsprogs btrfs-progs \
				libnvme-dev $(perf_package) \
				groff-base mandoc zsh \
				libhivex-bin libwin-hivex-perl reglookup \
				registry-tools libregf-utils ntfs-3g \
				clang libclang-rt-dev \
				gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user \
				$(for_memory libpmem-dev) ;;
	apt-bench)    echo fio jq libhivex-dev $(for_memory libpmem-dev) ;;
	apt-dev)      echo clang clang-format clang-tidy ;;
	apt-deb)      echo build-essential debhelper lintian libnvme-dev ;;
	apt-dax)      echo qemu-system-x86 busybox-static e2fsprogs \
				xz-utils dmsetup libnvme-dev ;;
	dnf-run)      echo make gcc glibc-devel libcsv-devel inih-devel \
				$(unless_there gnuplot gnuplot) \
				$(for_memory libpmem) ;;
	dnf-check)    echo pkgconf-pkg-config libcmocka-devel fuse3-devel fuse3 \
				util-linux e2fsprogs xfsprogs btrfs-progs \
				libnvme-devel perf \
				libasan libubsan groff-base mandoc zsh \
				hivex perl-hivex samba-client ntfs-3g \
				clang compiler-rt $(for_memory libpmem-devel) ;;
	dnf-bench)    echo fio jq hivex-devel $(for_memory libpmem-devel) ;;
	dnf-dev)      echo clang clang-tools-extra ;;
	pacman-run)   echo make gcc glibc libcsv libinih \
				$(unless_there gnuplot gnuplot) ;;
	pacman-check) echo pkgconf cmocka fuse3 util-linux e2fsprogs xfsprogs \
				btrfs-progs libnvme perf \
				groff zsh hivex samba ntfs-3g \
				clang compiler-rt ;;
	pacman-bench) echo fio jq hivex ;;
	pacman-dev)   echo clang ;;
	none-run)     echo 'make, a C11 compiler with the C library headers,' \
				'libcsv (csv.h), inih (ini.h), gnuplot for pictures,' \
				'libpmem to map persistent memory' ;;
	none-check)   echo 'pkg-config, cmocka, libfuse 3 with fusermount3, mount,' \
				'mkfs for ext4, xfs and btrfs, libnvme' \
				'(libnvme.h), perf, groff, mandoc, zsh,' \
				'hivex with its Perl module, reglookup, regtree of' \
				'samba, regfinfo of libregf, ntfs-3g, clang with its' \
				'fuzzer runtime, aarch64-linux-gnu-gcc with its C' \
				'library, qemu-aarch64, libpmem (libpmem.h)' ;;
	none-bench)   echo 'fio, jq, libhivex (hivex.h), libpmem (libpmem.h)' ;;
	none-dev)     echo 'clang, clang-format, clang-tidy' ;;
	esac
}

installed()
{
	case $manager in
	apt) dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" |
		sed -n 's/^installed //p' ;;
	dnf) rpm -q --qf '%{NAME}\n' "$@" | grep -v ' ' ;;
	pacman) pacman -Qq "$@" ;;
	esac 2>/dev/null
}

say()
{
	echo "deps: $*" >&2
}

cannot()
{
	say "$*"
	exit 4
}

# Sets as_root to what goes before a command.
find_root()
{
	as_root=
	[ "$(id -u)" != 0 ] || return 0
	if sudo -n true 2>/dev/null; then
		as_root='sudo -n'
	elif [ -t 0 ] && [ -t 2 ] && command -v sudo >/dev/null; then
		as_root=sudo
	else
		return 1
	fi
}

install_missing()
{
	case $manager in
	apt)
		refresh='apt-get -qq update'
		install="env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
--no-install-recommends -o DPkg::Lock::Timeout=120$missing"
		by_hand="apt-get install --no-install-recommends$missing"
		;;
	dnf)
		refresh=:
		install="dnf -y install --setopt=install_weak_deps=False$missing"
		by_hand="dnf install$missing"
		;;
	pacman)
		refresh=:
		install="pacman -S --noconfirm --needed$missing"
		by_hand="pacman -S --needed$missing"
		;;
	esac
	if ! find_root; then
		say "missing:$missing$note"
		say 'installing them needs root, and sudo would ask for a password. Run:'
		echo "    sudo $by_hand" >&2
		cannot "$elsewhere"
	fi
	say "installing$missing$note"
	# A refresh that fails need not matter: the lists at hand may do.
	# shellcheck disable=SC2086 # commands of several words
	$as_root $refresh >"$log" 2>&1 </dev/null
	# shellcheck disable=SC2086
	$as_root $install >>"$log" 2>&1 </dev/null && return
	tail -n 20 "$log" | sed 's/^/    /' >&2
	say 'that failed. Is there a network, and are the package sources right?'
	[ $manager != pacman ] || say 'libcsv may have to come from the AUR.'
	say 'Put it right, or install by hand, and run this again:'
	echo "    ${as_root:+sudo }$by_hand" >&2
	exit 4
}

has_kernel()
{
	for image in "$1"/boot/vmlinuz-*; do
		[ ! -d "$1/lib/modules/${image##*/vmlinuz-}" ] || return 0
	done
	return 1
}

# The newest one for virtual machines, into the folder $1, all of it or nothing.
download_kernel()
{
	package=$(apt-cache depends linux-image-cloud-amd64 |
		sed -n 's/^ *Depends: *\(linux-image-[^ ]*\)$/\1/p' | head -n 1)
	if [ -z "$package" ]; then
		echo 'apt knows no package linux-image-cloud-amd64'
		return 1
	fi
	(cd "$1" && apt-get -qq download "$package" && dpkg -x "$package"_*.deb . &&
		rm "$package"_*.deb) && has_kernel "$1"
}

get_kernel()
{
	kernel=${FB_DAX_KERNEL:-build/dax/kernel}
	! has_kernel "$kernel" || return 0
	if [ -e "$kernel" ] && ! rmdir "$kernel" 2>/dev/null; then
		say "there is no kernel in $kernel (boot/vmlinuz-*, lib/modules/*)."
		cannot 'Remove that folder, or name another in FB_DAX_KERNEL.'
	fi
	say "fetching a kernel into $kernel$note"
	mkdir -p "$(dirname "$kernel")" && part=$(mktemp -d "$kernel.XXXXXX") ||
		cannot 'Nothing can be made there; name another folder in FB_DAX_KERNEL.'
	# The lists at hand may name one that the server has no more.
	# shellcheck disable=SC2086 # a command of several words
	if ! download_kernel "$part" >"$log" 2>&1 </dev/null &&
		! { find_root && $as_root apt-get -qq update &&
			download_kernel "$part"; } >>"$log" 2>&1 </dev/null; then
		tail -n 20 "$log" | sed 's/^/    /' >&2
		say 'that failed. Is there a network, and are the package sources right?'
		cannot 'Or unpack a linux-image package of Debian and name its folder' \
			'in FB_DAX_KERNEL.'
	fi
	# Another run may have been faster.
	mv -T "$part" "$kernel" 2>/dev/null || has_kernel "$kernel" ||
		cannot "$kernel cannot be made; name another folder in FB_DAX_KERNEL."
}

system=${FB_OS_RELEASE:-/etc/os-release}
ids=$(sed -n 's/^ID=//p; s/^ID_LIKE=//p' "$system" 2>/dev/null | tr '"\n' '  ')
note=' (untested on this system)'
case " $ids " in
*' debian '* | *' ubuntu '*)
	manager=apt
	case " $ids " in *' ubuntu '*) ;; *) note= ;; esac
	;;
*' fedora '* | *' rhel '*) manager=dnf ;;
*' arch '*) manager=pacman ;;
*) manager=none ;;
esac

elsewhere="With all of it from elsewhere: make, ./flushbench, make check-built."

[ $# -gt 0 ] || set -- run
wanted=
kernel_wanted=
for purpose; do
	case $purpose in
	run) set=run ;;
	check) set='run check' ;;
	bench) set='run bench' ;;
	dev) set='run check dev' ;;
	dax)
		[ "$(uname -m)" = x86_64 ] ||
			cannot 'the virtual machine with persistent memory is an x86_64'
		[ $manager = apt ] || cannot 'the kernel for the virtual machine' \
			'is one of Debian; fetching it needs apt'
		set='run dax' kernel_wanted=yes
		;;
	deb)
		[ $manager = apt ] || cannot 'a Debian package is built on Debian or' \
			'what is made of it; elsewhere: make install'
		set='run deb'
		;;
	*)
		echo 'usage: scripts/deps.sh [run|check|bench|dev|deb|dax]...' >&2
		exit 2
		;;
	esac
	for s in $set; do
		wanted="$wanted $(packages "$s")"
	done
done

if [ $manager = none ]; then
	say 'this system is none whose packages are known here; please install' \
		"(this is not checked):"
	say "$wanted"
	say "$elsewhere"
	exit 4
fi

# shellcheck disable=SC2086 # a list of words
have=" $(installed $wanted | tr '\n' ' ') "
missing=
for p in $wanted; do
	case "$have$missing " in
	*" $p "*) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing$kernel_wanted" ] || exit 0

log=$(mktemp) || exit 4
part=
trap 'rm -rf "$log" ${part:+"$part"}' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
[ -z "$missing" ] || install_missing
[ -z "$kernel_wanted" ] || get_kernel
