#!/bin/sh
# scripts/deps.sh against package managers of our own making: nothing is installed.
set -u

. tests/support/claims.sh
deps=$PWD/scripts/deps.sh

stub()
{
	cat >"$work/bin/$1" <<-S
		#!/bin/sh
		printf '%s\n' "$1 \$*" >>"$work/ran"
		$2
	S
	chmod +x "$work/bin/$1"
}

# $1 what os-release says, the rest arguments; leaves said, ran and code. bare is all
# of the PATH, if set.
bare=
deps()
{
	printf '%s\n' "$1" >"$work/os-release"
	shift
	: >"$work/ran"
	PATH=${bare:-$work/bin:$PATH} FB_OS_RELEASE=$work/os-release "$deps" "$@" \
		>"$said" 2>&1 </dev/null
	code=$?
}

said()
{
	grep -q -e "$1" "$said"
}

ran()
{
	grep -q -e "$1" "$work/ran"
}

mkdir "$work/bin"
all_there='shift 2; for p; do echo "installed $p"; done'
one_missing='shift 2; for p; do case $p in libcsv-dev) ;; *) echo "installed $p";;
	esac; done; exit 1'
stub apt-get ''
stub sudo 'exit 1'
stub id 'echo 1000'

stub dpkg-query "$all_there"
deps ID=debian check dev
[ $code -eq 0 ] && [ ! -s "$said" ] && [ "$(grep -c ^dpkg-query "$work/ran")" -eq 1 ]
claim nothing_missing_asks_once_and_says_nothing $? "$said" "$work/ran"

stub dpkg-query "$one_missing"
deps ID=debian run
[ $code -eq 4 ] && said 'sudo apt-get install .* libcsv-dev$' && ! ran apt-get
claim without_rights_the_command_is_printed_and_nothing_is_run $? "$said" "$work/ran"

said 'missing: libcsv-dev$' && ! said untested
claim only_what_is_missing_is_asked_for $? "$said" "$work/ran"

stub dpkg-query 'shift 2; for p; do echo "config-files $p"; done'
deps ID=debian run
[ $code -eq 4 ] && said ' gcc '
claim a_removed_package_whose_settings_remain_is_missing $? "$said" "$work/ran"

stub dpkg-query "$one_missing"
deps 'ID=ubuntu
ID_LIKE=debian' run
said 'libcsv-dev (untested on this system)$'
claim an_untested_system_is_told_so $? "$said" "$work/ran"

stub sudo '[ "$1" = -n ] && shift; exec "$@"'
deps ID=debian run
[ $code -eq 0 ] && ran '^apt-get -qq update' &&
	ran '^apt-get -qq install -y --no-install-recommends .* libcsv-dev$'
claim sudo_without_a_password_installs_without_recommends $? "$said" "$work/ran"

stub id 'echo 0'
stub sudo 'exit 1'
deps ID=debian run
[ $code -eq 0 ] && ran '^apt-get -qq install' && ! ran sudo
claim root_installs_without_sudo $? "$said" "$work/ran"

stub apt-get 'echo "no route to host" >&2; exit 100'
deps ID=debian run
[ $code -eq 4 ] && said 'no route to host' && said 'that failed' &&
	said '^    apt-get install .*libcsv-dev'
claim a_failed_install_shows_its_output_and_what_to_do $? "$said" "$work/ran"

stub rpm 'shift 3; for p; do case $p in fio) echo "package $p is not installed";;
	*) echo "$p";; esac; done; exit 1'
stub dnf ''
deps 'ID="fedora"' bench
[ $code -eq 0 ] && ran '^dnf -y install .*False fio$' && said untested
claim fedora_asks_rpm_and_installs_with_dnf $? "$said" "$work/ran"

stub pacman 'case $1 in -Qq) echo gcc;; esac'
deps ID=arch run
[ $code -eq 0 ] && ran '^pacman -S .* libcsv' && ! ran '^pacman -S .* gcc'
claim arch_asks_and_installs_with_pacman $? "$said" "$work/ran"

deps ID=arch check
[ $code -eq 0 ] && ran '^pacman -S .* hivex .* clang compiler-rt$'
claim arch_has_the_judges_of_hives_and_a_fuzzer $? "$said" "$work/ran"

lacked='libhivex-bin | reglookup | registry-tools | libclang-rt-dev | libhivex-dev'
stub dpkg-query "shift 2; for p; do case \$p in $lacked) ;; *) echo \"installed \$p\";;
	esac; done; exit 1"
stub apt-get ''
stub id 'echo 0'
deps ID=debian check
[ $code -eq 0 ] &&
	ran '^apt-get .* libhivex-bin reglookup registry-tools libclang-rt-dev$'
claim a_check_needs_readers_of_hives_and_a_fuzzer $? "$said" "$work/ran"

deps ID=debian bench
[ $code -eq 0 ] && ran '^apt-get -qq install .* libhivex-dev$'
claim a_bench_needs_the_library_of_hivex $? "$said" "$work/ran"

lacked='libpmem1 | gcc-aarch64-linux-gnu | libc6-dev-arm64-cross | qemu-user | libpmem-dev'
stub dpkg-query "shift 2; for p; do case \$p in $lacked) ;; *) echo \"installed \$p\";;
	esac; done; exit 1"
stub uname 'echo x86_64'
deps ID=debian run
[ $code -eq 0 ] && ran '^apt-get -qq install .* libpmem1$'
claim a_run_looks_for_persistent_memory_through_libpmem $? "$said" "$work/ran"

deps ID=debian check
[ $code -eq 0 ] && ran '^apt-get .* libpmem1 gcc-aarch64-linux-gnu libc6-dev-arm64-cross' &&
	ran ' qemu-user libpmem-dev$'
claim a_check_needs_another_processor_and_the_header_of_libpmem $? "$said" "$work/ran"

lacked='libnvme-dev | linux-perf | linux-tools-generic'
stub dpkg-query "shift 2; for p; do case \$p in $lacked) ;; *) echo \"installed \$p\";;
	esac; done; exit 1"
deps ID=debian run
[ $code -eq 0 ] && [ ! -s "$said" ] && ! ran '^apt-get'
claim a_run_needs_nothing_to_ask_an_nvme_drive $? "$said" "$work/ran"

deps ID=debian check
[ $code -eq 0 ] && ran '^apt-get -qq install .* libnvme-dev linux-perf$'
claim a_check_needs_the_header_of_libnvme_and_a_judge_of_counts $? "$said" "$work/ran"

deps 'ID=ubuntu
ID_LIKE=debian' check
[ $code -eq 0 ] && ran '^apt-get -qq install .* linux-tools-generic$'
claim where_perf_has_another_name_that_is_asked_for $? "$said" "$work/ran"

stub uname 'echo s390x'
stub dpkg-query "shift 2; for p; do case \$p in qemu-user | libpmem1 | libpmem-dev) ;; *)
	echo \"installed \$p\";; esac; done; exit 1"
deps ID=debian check
[ $code -eq 0 ] && ran '^apt-get .* qemu-user$' && ! ran libpmem
claim libpmem_is_not_asked_for_where_it_has_no_use $? "$said" "$work/ran"
stub uname 'echo x86_64'

# Debian's archive, as much of it as is asked for: $1 what a download does.
archive()
{
	stub dpkg-query "$all_there"
	stub apt-cache 'printf "linux-image-cloud-amd64\n  Depends: linux-image-9-cloud-amd64\n"'
	stub apt-get "case \$* in *' download '*) $1 ;; esac"
	stub dpkg 'mkdir -p "$3/boot" "$3/lib/modules/9-cloud-amd64"
		: >"$3/boot/vmlinuz-9-cloud-amd64"'
	rm -rf "$work/kernels"
}

FB_DAX_KERNEL=$work/kernels/one
export FB_DAX_KERNEL
archive ': >linux-image-9-cloud-amd64_9_amd64.deb'
deps ID=debian dax
[ $code -eq 0 ] && ran '^apt-get -qq download linux-image-9-cloud-amd64$' &&
	! ran install && [ -f "$FB_DAX_KERNEL/boot/vmlinuz-9-cloud-amd64" ]
claim the_kernel_of_the_virtual_machine_is_unpacked_and_not_installed $? "$said" "$work/ran"

[ "$(ls -A "$work/kernels")" = one ] && [ -z "$(find "$work/kernels" -name '*.deb')" ]
claim nothing_else_is_left_of_the_download $?

deps ID=debian dax
[ $code -eq 0 ] && [ ! -s "$said" ] && ! ran apt-
claim a_kernel_that_is_there_is_not_fetched_again $? "$said" "$work/ran"

stub dpkg-query "shift 2; for p; do case \$p in qemu-system-x86 | xz-utils | dmsetup) ;;
	*) echo \"installed \$p\";; esac; done; exit 1"
deps ID=debian dax
[ $code -eq 0 ] && ran '^apt-get -qq install .* qemu-system-x86 xz-utils dmsetup$'
claim the_virtual_machine_needs_qemu_modules_and_a_mapper_of_disks $? "$said" "$work/ran"

archive 'echo "no route to host" >&2; exit 100'
deps ID=debian dax
[ $code -eq 4 ] && said 'no route to host' && said 'FB_DAX_KERNEL' &&
	[ "$(grep -c download "$work/ran")" -eq 2 ] && [ -z "$(ls -A "$work/kernels")" ]
claim without_a_network_the_reason_is_told_and_nothing_is_left $? "$said" "$work/ran"

archive ''
stub apt-get "case \$* in *' download '*) [ -e $work/refreshed ] || exit 100
	: >linux-image-9-cloud-amd64_9_amd64.deb ;; *update) : >$work/refreshed ;; esac"
deps ID=debian dax
[ $code -eq 0 ] && [ -f "$FB_DAX_KERNEL/boot/vmlinuz-9-cloud-amd64" ]
claim old_lists_are_refreshed_before_it_is_given_up $? "$said" "$work/ran"

archive ': >linux-image-9-cloud-amd64_9_amd64.deb'
mkdir -p "$FB_DAX_KERNEL/mine"
deps ID=debian dax
[ $code -eq 4 ] && said 'name another in FB_DAX_KERNEL' && [ -d "$FB_DAX_KERNEL/mine" ]
claim a_folder_of_something_else_is_left_alone $? "$said" "$work/ran"

archive ''
stub apt-cache 'exit 0'
deps ID=ubuntu dax
[ $code -eq 4 ] && said 'no package linux-image-cloud-amd64'
claim an_archive_without_that_kernel_is_told $? "$said" "$work/ran"

deps ID=fedora dax
[ $code -eq 4 ] && said 'needs apt' && ! ran '^[ad][pn][tf]'
claim the_virtual_machine_is_made_on_debian_only $? "$said" "$work/ran"

stub uname 'echo aarch64'
deps ID=debian dax
[ $code -eq 4 ] && said 'x86_64'
claim the_virtual_machine_runs_on_one_processor_only $? "$said" "$work/ran"
unset FB_DAX_KERNEL
rm "$work/bin/uname" "$work/bin/dpkg" "$work/bin/apt-cache"
stub apt-get ''

deps ID=plan9 check
[ $code -eq 4 ] && said 'csv.h' && said cmocka && [ ! -s "$work/ran" ]
claim an_unknown_system_is_told_in_words_what_is_needed $? "$said" "$work/ran"

deps ID=fedora deb
[ $code -eq 4 ] && said 'make install' && [ ! -s "$work/ran" ]
claim a_debian_package_is_built_on_debian_only $? "$said" "$work/ran"

stub dpkg-query 'shift 2; for p; do case $p in lintian) ;; *) echo "installed $p";;
	esac; done; exit 1'
stub apt-get ''
deps ID=debian run deb
[ $code -eq 0 ] && ran '^apt-get -qq install .* lintian$'
claim a_debian_package_needs_lintian_too $? "$said" "$work/ran"

stub dpkg-query 'exit 1'
stub gnuplot ''
deps ID=debian run
[ $code -eq 0 ] && ran '^apt-get -qq install .* gcc ' && ! ran gnuplot
claim a_gnuplot_of_another_package_is_left_alone $? "$said" "$work/ran"

rm "$work/bin/gnuplot"
for tool in sh env sed tr mktemp tail rm uname; do
	ln -s "$(command -v $tool)" "$work/bin/$tool"
done
bare=$work/bin
deps ID=debian run
bare=
[ $code -eq 0 ] && ran '^apt-get -qq install .* gnuplot-nox'
claim without_a_gnuplot_one_is_installed $? "$said" "$work/ran"

deps ID=debian nonsense
[ $code -eq 2 ] && said usage
claim an_unknown_purpose_is_refused $? "$said" "$work/ran"

exit $status
