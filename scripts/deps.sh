#!/bin/sh
# deps.sh [run|check|bench|dev|deb]...  installs what that purpose needs and is not
# there; says nothing when all is. Exit 4: it cannot be had without your help.
set -u

# A program of several packages that shut each other out: any of them will do.
unless_there()
{
	command -v "$1" >/dev/null || echo "$2"
}

# The one list of what we need. Tried on Debian 12 only: Ubuntu (the same names),
# dnf and pacman are untested, and the message says so.
packages()
{
	case $manager-$1 in
	apt-run)      echo make gcc libc6-dev libcsv-dev libinih-dev \
				$(unless_there gnuplot gnuplot-nox) ;;
	apt-check)    echo pkg-config libcmocka-dev libfuse3-dev fuse3 \
				mount e2fsprogs xfsprogs btrfs-progs \
				groff-base mandoc zsh \
				libhivex-bin libwin-hivex-perl reglookup \
				registry-tools libregf-utils ntfs-3g \
				clang libclang-rt-dev ;;
	apt-bench)    echo fio jq libhivex-dev ;;
	apt-dev)      echo clang clang-format clang-tidy ;;
	apt-deb)      echo build-essential debhelper lintian ;;
	dnf-run)      echo make gcc glibc-devel libcsv-devel inih-devel \
				$(unless_there gnuplot gnuplot) ;;
	dnf-check)    echo pkgconf-pkg-config libcmocka-devel fuse3-devel fuse3 \
				util-linux e2fsprogs xfsprogs btrfs-progs \
				libasan libubsan groff-base mandoc zsh \
				hivex perl-hivex samba-client ntfs-3g \
				clang compiler-rt ;;
	dnf-bench)    echo fio jq hivex-devel ;;
	dnf-dev)      echo clang clang-tools-extra ;;
	pacman-run)   echo make gcc glibc libcsv libinih \
				$(unless_there gnuplot gnuplot) ;;
	pacman-check) echo pkgconf cmocka fuse3 util-linux e2fsprogs xfsprogs \
				btrfs-progs groff zsh hivex samba ntfs-3g \
				clang compiler-rt ;;
	pacman-bench) echo fio jq hivex ;;
	pacman-dev)   echo clang ;;
	none-run)     echo 'make, a C11 compiler with the C library headers,' \
				'libcsv (csv.h), inih (ini.h), gnuplot for pictures' ;;
	none-check)   echo 'pkg-config, cmocka, libfuse 3 with fusermount3, mount,' \
				'mkfs for ext4, xfs and btrfs, groff, mandoc, zsh,' \
				'hivex with its Perl module, reglookup, regtree of' \
				'samba, regfinfo of libregf, ntfs-3g, clang with its' \
				'fuzzer runtime' ;;
	none-bench)   echo 'fio, jq, libhivex (hivex.h)' ;;
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
for purpose; do
	case $purpose in
	run) set=run ;;
	check) set='run check' ;;
	bench) set='run bench' ;;
	dev) set='run check dev' ;;
	deb)
		if [ $manager != apt ]; then
			say 'a Debian package is built on Debian or what is made of it;' \
				'elsewhere: make install'
			exit 4
		fi
		set='run deb'
		;;
	*)
		echo 'usage: scripts/deps.sh [run|check|bench|dev|deb]...' >&2
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
[ -n "$missing" ] || exit 0

refresh=:
case $manager in
apt)
	refresh='apt-get -qq update'
	install="env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
--no-install-recommends -o DPkg::Lock::Timeout=120$missing"
	by_hand="apt-get install --no-install-recommends$missing"
	;;
dnf)
	install="dnf -y install --setopt=install_weak_deps=False$missing"
	by_hand="dnf install$missing"
	;;
pacman)
	install="pacman -S --noconfirm --needed$missing"
	by_hand="pacman -S --needed$missing"
	;;
esac

as_root=
if [ "$(id -u)" != 0 ]; then
	if sudo -n true 2>/dev/null; then
		as_root='sudo -n'
	elif [ -t 0 ] && [ -t 2 ] && command -v sudo >/dev/null; then
		as_root=sudo
	else
		say "missing:$missing$note"
		say 'installing them needs root, and sudo would ask for a password. Run:'
		echo "    sudo $by_hand" >&2
		say "$elsewhere"
		exit 4
	fi
fi

say "installing$missing$note"
log=$(mktemp) || exit 4
trap 'rm -f "$log"' EXIT
# A refresh that fails need not matter: the lists at hand may do.
# shellcheck disable=SC2086 # commands of several words
$as_root $refresh >"$log" 2>&1 </dev/null
# shellcheck disable=SC2086
if ! $as_root $install >>"$log" 2>&1 </dev/null; then
	tail -n 20 "$log" | sed 's/^/    /' >&2
	say 'that failed. Is there a network, and are the package sources right?'
	[ $manager != pacman ] || say 'libcsv may have to come from the AUR.'
	say 'Put it right, or install by hand, and run this again:'
	echo "    ${as_root:+sudo }$by_hand" >&2
	exit 4
fi
