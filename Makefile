# flushbench: `make help` lists the targets and the variables you may set.

CFLAGS   ?= -O2 -g
LDFLAGS  ?=
DESTDIR  ?=
prefix   ?= /usr/local
bindir   ?= $(prefix)/bin
datadir  ?= $(prefix)/share
docdir   ?= $(datadir)/doc/flushbench
mandir   ?= $(datadir)/man
bashdir  ?= $(datadir)/bash-completion/completions
zshdir   ?= $(datadir)/zsh/site-functions
INSTALL  ?= install
CLANG_FORMAT ?= clang-format
CLANG_TIDY   ?= clang-tidy
CPPCHECK     ?= cppcheck

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory
# A -j of the user's wins; a make started by another shares that one's jobs.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif

ifneq ($(HOST),)
ifneq ($(origin CC),command line)
CC := $(HOST)-gcc
endif
AR := $(HOST)-ar
PKG_CONFIG ?= $(HOST)-pkg-config
else
ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
endif

comma := ,
native := $(shell uname -m)-$(shell uname -s | tr A-Z a-z)
host  := $(or $(HOST),$(native))
ifneq ($(findstring mingw,$(host)),)
other_systems := %_linux.c %_posix.c
exe := .exe
else
other_systems := %_windows.c
exe :=
endif

# A processor has files of its own likewise; any other than these two has the generic.
cpu := $(patsubst amd64,x86_64,$(patsubst arm64,aarch64,$(firstword $(subst -, ,$(host)))))
cpu := $(or $(filter x86_64 aarch64,$(cpu)),generic)
other_cpus := $(foreach c,$(filter-out $(cpu),x86_64 aarch64 generic),%_$(c).c)

# What asks NVMe drives is of use with libnvme's header alone. Looked for each time: it may
# have come since.
libnvme := $(shell printf '\043include <libnvme.h>\n' | \
	$(CC) $(CPPFLAGS) $(CFLAGS) -fsyntax-only -x c - 2>/dev/null && echo there)
other_drives := %/$(if $(libnvme),nvme_bare_linux.c,nvme_linux.c)

# Only the plain build leaves its program at the top: the others must not
# put a sanitized or foreign one in its place.
BUILD ?= build/$(host)$(if $(SAN),-$(subst $(comma),-,$(SAN)))
B := $(BUILD)
ifeq ($(B),build/$(native))
PROGRAM := flushbench
else
PROGRAM := $(B)/flushbench$(exe)
endif

here = $(filter-out $(other_systems) $(other_cpus) $(other_drives),$(sort $(wildcard $(1))))
objects = $(patsubst %.c,$(B)/%.o,$(1))
LIB          := $(B)/libflushbench.a
LIB_OBJS     := $(call objects,$(call here,src/*/*.c))
BENCH_OBJS   := $(call objects,$(call here,bench/*.c))
SUPPORT_OBJS := $(call objects,$(call here,tests/support/*.c))
ALL_TESTS    := $(patsubst %.c,$(B)/%$(exe),$(call here,tests/test_*.c)) \
		$(sort $(wildcard tests/test_*.sh))
# make check TESTS='test_hist test_plan' runs only these.
TESTS        ?=
wanted_tests := $(if $(TESTS),$(foreach t,$(TESTS),$(filter %/$(t)$(exe) %/$(t).sh,\
		$(ALL_TESTS))),$(ALL_TESTS))
ifneq ($(TESTS),)
$(foreach t,$(TESTS),$(if $(filter %/$(t)$(exe) %/$(t).sh,$(ALL_TESTS)),,\
	$(error TESTS: there is no tests/$(t).c and no tests/$(t).sh)))
endif
test_programs := $(filter $(B)/%,$(wanted_tests))

hivebench_objs := $(call objects,$(wildcard tests/bench/hivebench*.c))
nvbench_objs   := $(call objects,$(call here,tests/bench/nvbench*.c))

# Run inside the virtual machine, beside the program.
dax_folder := $(B)/tests/dax
dax_probe  := $(dax_folder)/dax_probe$(exe)

# Fuzz targets need no more than the hive store; a BUILD of yours holds theirs, too.
CLANG        ?= clang
FUZZ_BUILD   ?= $(if $(filter file,$(origin BUILD)),build,$(BUILD))/fuzz
fuzz_mains   := $(sort $(wildcard tests/fuzz/fuzz_*.c)) tests/fuzz/make_seeds.c
fuzz_targets := $(patsubst tests/fuzz/%.c,$(B)/%,$(filter-out %/make_seeds.c,$(fuzz_mains)))
fuzz_objs    := $(filter $(B)/src/hive/% $(B)/src/base/%,$(LIB_OBJS)) \
		$(call objects,$(filter-out $(fuzz_mains),$(wildcard tests/fuzz/*.c)))

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wundef -Wvla -Wformat=2 $(if $(filter-out 0,$(WERROR)),-Werror)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer)
OURFLAGS := -std=c11 -D_GNU_SOURCE -Isrc -pthread $(WARNINGS) $(SANFLAGS)
# An empty library where the C library opens others itself, as glibc does since 2.34.
LDLIBS   := -lcsv -linih -lm $(if $(exe),,-ldl)

# Looked up when a test is built, not when this file is read: nothing may be
# installed yet. The headers of others are not held to our warnings.
FUSE_CFLAGS = $(eval FUSE_CFLAGS := $(patsubst -I%,-isystem %,\
	$(shell $(PKG_CONFIG) --cflags fuse3 2>/dev/null)))$(FUSE_CFLAGS)
FUSE_LIBS = $(eval FUSE_LIBS := $(shell $(PKG_CONFIG) --libs fuse3 2>/dev/null))$(FUSE_LIBS)

# A folder's or a file's own flags. No target-specific variables: those leak
# into whatever the target depends on.
flags_bench = -I.
flags_tests = -I. -Itests $(FUSE_CFLAGS)
flags_bench/version.c = -DFB_VERSION='"$(VERSION)"'
flags_of = $(OURFLAGS) $(flags_$(firstword $(subst /, ,$(1)))) $(flags_$(1)) \
	$(CPPFLAGS) $(CFLAGS)

# Without git the commit is what `make dist` wrote down, if it was that.
ifneq ($(wildcard .git),)
commit := $(shell git describe --always --dirty --exclude='*' --abbrev=10 2>/dev/null)
else
commit := $(strip $(file <COMMIT))
endif
VERSION := $(strip $(file <VERSION))$(if $(commit),+g$(commit))

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-6s %s\n' $(1)
endif

# Stamps are compared by content: one made anew each time would never let
# `make -q` succeed.
compiler := $(shell $(CC) --version 2>/dev/null | head -n 1)
content_flags   := $(CC) | $(compiler) | $(OURFLAGS) | $(CFLAGS) | $(CPPFLAGS)
content_link    := $(content_flags) | $(LDFLAGS) | $(LDLIBS)
content_sources := $(LIB_OBJS) | $(BENCH_OBJS) | $(SUPPORT_OBJS)
content_version := $(VERSION)

define stamp
ifneq ($$(file <$(B)/stamps/$(1)),$$(content_$(1)))
$(B)/stamps/$(1): FORCE
endif
$(B)/stamps/$(1):
	@mkdir -p $$(@D)
	@printf '%s\n' '$$(subst ','\'',$$(content_$(1)))' >$$@
endef
$(foreach s,flags link sources version,$(eval $(call stamp,$(s))))

.PHONY: all run check check-built build-check fuzz fuzz-built fuzz-programs \
	fuzz-linked crash crash-built check-dax check-dax-built bench bench-built \
	install uninstall dist deb deb-built clean compdb lint format format-check \
	help FORCE
.DEFAULT_GOAL := all

# Made by asking the program, so not for another system's.
faces := $(if $(HOST),,$(addprefix $(B)/,flushbench.1 completions/flushbench \
	completions/_flushbench))

all: $(PROGRAM) $(faces)

help:
	@echo 'make               build ./flushbench, its man page and completions'
	@echo 'make run           install what is missing, build, run workloads/quick.ini,'
	@echo '                   draw its pictures'
	@echo 'make check         install what is missing, build, run every test'
	@echo 'make fuzz          each fuzz target for FUZZ_SECONDS=600, one after another'
	@echo 'make crash         cut off a hive in mid-write, N=100000 times as SEED=1 has it,'
	@echo '                   recover it, compare with what was flushed'
	@echo 'make check-dax     the path nvmem on persistent memory, and what is asked of NVMe,'
	@echo '                   device mapper and md, in a virtual machine'
	@echo 'make bench         the figures of docs/performance.md'
	@echo 'make install       DESTDIR= prefix=/usr/local; also: make uninstall'
	@echo 'make deb           a Debian package, judged by lintian, in build/deb/'
	@echo 'make dist          what git tracks as an archive, in build/dist/'
	@echo 'make clean         remove build/ and ./flushbench'
	@echo 'make compdb        write compile_commands.json'
	@echo 'make lint          clang-tidy, or cppcheck, on src and bench'
	@echo 'make format        clang-format in place; format-check only tells'
	@echo
	@echo 'V=1                show the commands, and name the tests that pass'
	@echo 'SAN=address,undefined   sanitized, in a folder of its own under build/'
	@echo 'WERROR=1           a warning is an error'
	@echo "TESTS='test_hist ...'   only these tests, by the name of their file"
	@echo 'BUILD=dir          build there and leave the program there'
	@echo 'HOST=triplet       cross compile with triplet-gcc'
	@echo 'CC CFLAGS LDFLAGS CPPFLAGS   as usual'

# Not abspath: it takes a folder with a blank in its name for two.
absolute = $(if $(filter /%,$(firstword $(1))),,$(CURDIR)/)$(1)

# As a user would call it: what it says to type next can be typed.
run_program = $(if $(filter /%,$(PROGRAM)),,./)$(PROGRAM)

run:
	@scripts/deps.sh run
	@+$(MAKE) -q all 2>/dev/null || $(MAKE) all
	@$(run_program) run workloads/quick.ini; code=$$?; \
		[ $$code -gt 1 ] || $(run_program) plot || code=$$?; exit $$code

check:
	@scripts/deps.sh check
	@+$(MAKE) check-built

build-check: $(PROGRAM) $(test_programs)

check-built: build-check
	@FLUSHBENCH='$(call absolute,$(PROGRAM))' FUZZ='$(call absolute,$(FUZZ_BUILD))' \
		FB_TEST_LIST='$(V)' scripts/run-tests.sh \
		$(if $(TESTS),,scripts/check-layers.sh) $(wanted_tests)

fuzz:
	@scripts/deps.sh check
	@+$(MAKE) fuzz-built

fuzz-built: fuzz-programs
	@FUZZ='$(call absolute,$(FUZZ_BUILD))' scripts/fuzz.sh

# By clang whatever CC is, with sanitizers of its own, so in a build of its own.
fuzz-programs:
	@+$(MAKE) BUILD='$(FUZZ_BUILD)' CC='$(CLANG)' HOST= \
		SAN=fuzzer-no-link,address,undefined fuzz-linked

fuzz-linked: $(fuzz_targets) $(B)/make_seeds
	@:

crash:
	@scripts/deps.sh check
	@+$(MAKE) crash-built

crash-built: $(B)/tests/test_hive_crash$(exe)
	@scripts/crash.sh $<

check-dax:
	@scripts/deps.sh dax
	@+$(MAKE) check-dax-built

check-dax-built: $(PROGRAM) $(dax_probe)
	@FLUSHBENCH='$(call absolute,$(PROGRAM))' DAX='$(call absolute,$(dax_folder))' \
		FB_TEST_LIST='$(V)' scripts/run-tests.sh tests/dax/test_dax.sh

bench:
	@scripts/deps.sh bench
	@+$(MAKE) bench-built

bench-built: $(PROGRAM) $(B)/microbench$(exe) $(B)/hivebench$(exe) $(B)/nvbench$(exe)
	@FLUSHBENCH='$(call absolute,$(PROGRAM))' \
		MICROBENCH='$(call absolute,$(B)/microbench$(exe))' \
		HIVEBENCH='$(call absolute,$(B)/hivebench$(exe))' \
		NVBENCH='$(call absolute,$(B)/nvbench$(exe))' scripts/bench.sh

$(B)/%.o: %.c $(B)/stamps/flags
	$(call say,CC $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(call flags_of,$<) -MMD -MP -c -o $@ $<

$(B)/bench/version.o: $(B)/stamps/version

# From scratch each time: ar would keep the object of a source that is gone.
$(LIB): $(LIB_OBJS) $(B)/stamps/sources
	$(call say,AR $@)
	$(if $(libnvme)$(exe),,@echo 'make: no <libnvme.h> (on Debian the package libnvme-dev):' \
		'the counters of NVMe drives are left out.')
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_OBJS)

link = $(CC) $(SANFLAGS) -pthread $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^)

profiles := $(sort $(wildcard workloads/*.ini))

# A program that lies elsewhere finds profiles and scripts beside it as ./flushbench does.
beside = $(if $(filter-out flushbench,$(PROGRAM)),ln -sfn '$(CURDIR)/workloads' \
	'$(CURDIR)/scripts' $(@D),:)

$(PROGRAM): $(BENCH_OBJS) $(LIB) $(B)/stamps/link $(B)/stamps/sources
	$(call say,LD $@)
	$(Q)$(link) $(LDLIBS)
	$(Q)$(beside)

$(B)/flushbench.1: scripts/man.sh docs/flushbench.1.in $(PROGRAM) $(profiles)
	$(call say,MAN $@)
	$(Q)scripts/man.sh '$(call absolute,$(PROGRAM))' docs/flushbench.1.in >$@

$(B)/completions/%: scripts/completion.sh $(PROGRAM)
	$(call say,GEN $@)
	@mkdir -p $(@D)
	$(Q)scripts/completion.sh $(if $(filter _%,$*),zsh,bash) \
		'$(call absolute,$(PROGRAM))' >$@

$(B)/tests/%$(exe): $(B)/tests/%.o $(SUPPORT_OBJS) $(LIB) $(B)/stamps/link
	$(call say,LD $@)
	$(Q)$(link) -lcmocka $(FUSE_LIBS) $(LDLIBS)

$(B)/microbench$(exe): $(B)/tests/bench/microbench.o $(LIB) $(B)/stamps/link
	$(call say,LD $@)
	$(Q)$(link) $(LDLIBS)

$(B)/hivebench$(exe): $(hivebench_objs) $(LIB) $(B)/stamps/link
	$(call say,LD $@)
	$(Q)$(link) -lhivex $(LDLIBS)

$(B)/nvbench$(exe): $(nvbench_objs) $(LIB) $(B)/stamps/link
	$(call say,LD $@)
	$(Q)$(link) -lpmem $(LDLIBS)

$(dax_probe): $(dax_probe:$(exe)=.o) $(LIB) $(B)/stamps/link
	$(call say,LD $@)
	$(Q)$(link) $(LDLIBS)

$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(fuzz_objs) $(B)/stamps/link
	$(call say,LD $@)
	$(Q)$(link) -fsanitize=fuzzer

$(B)/make_seeds: $(B)/tests/fuzz/make_seeds.o $(fuzz_objs) $(B)/stamps/link
	$(call say,LD $@)
	$(Q)$(link)

# Is what we need there? One clear answer before the first compile.

try_compile = $(CC) $(SANFLAGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -x c - -x none -o $@.try

$(B)/stamps/compiler: $(B)/stamps/flags
	@command -v $(firstword $(CC)) >/dev/null || { echo 'make: there is no compiler' \
		'"$(firstword $(CC))"; run scripts/deps.sh, or set CC.' >&2; exit 1; }
	@echo 'int main(void) { return 0; }' | $(try_compile) || { echo 'make: "$(CC)"' \
		'cannot build a program; run scripts/deps.sh, or set CC and CFLAGS.' >&2; \
		exit 1; }
	@rm -f $@.try; touch $@

# $(1) library, $(2) header, $(3) Debian's package, $(4) purpose told to deps.sh,
# $(5) flags. libcsv has no .pc file, so all are tried by compiling.
define library
$(B)/stamps/lib$(1): $(B)/stamps/compiler
	@{ printf '#include <%s>\n' stdarg.h stddef.h setjmp.h stdint.h stdio.h $(2); \
		echo 'int main(void) { return 0; }'; } | \
		$$(try_compile) $(5) -l$(1) 2>/dev/null || { \
		echo 'make: no library "$(1)" (<$(2)>; on Debian the package $(3));' \
		'run scripts/deps.sh $(4).' >&2; exit 1; }
	@rm -f $$@.try; touch $$@
endef
$(eval $(call library,csv,csv.h,libcsv-dev,run))
$(eval $(call library,inih,ini.h,libinih-dev,run))
$(eval $(call library,cmocka,cmocka.h,libcmocka-dev,check))
$(eval $(call library,fuse3,fuse.h,libfuse3-dev,check,-DFUSE_USE_VERSION=31 \
	-D_FILE_OFFSET_BITS=64 $$(FUSE_CFLAGS)))

$(eval $(call library,hivex,hivex.h,libhivex-dev,bench))
$(eval $(call library,pmem,libpmem.h,libpmem-dev,bench))

$(LIB_OBJS) $(BENCH_OBJS): | $(B)/stamps/libcsv $(B)/stamps/libinih
$(hivebench_objs): | $(B)/stamps/libhivex
$(nvbench_objs): | $(B)/stamps/libpmem
$(test_programs:$(exe)=.o) $(SUPPORT_OBJS): | $(B)/stamps/libcmocka $(B)/stamps/libfuse3

# What goes where, a word a file: mode|folder|file.
share := $(datadir)/flushbench
documents := LICENSE README.md $(wildcard docs/*.md docs/*.png docs/*.svg docs/*/*.png \
	docs/*/*.svg)
beneath = $(docdir)$(filter-out /.,/$(patsubst %/,%,$(dir $(1))))
installed := 755|$(bindir)|$(PROGRAM) \
	$(addprefix 644|$(share)/workloads|,$(profiles)) \
	$(addprefix 644|$(share)/scripts/plot|,$(sort $(wildcard scripts/plot/*))) \
	$(addprefix 644|$(mandir)/man1|,$(filter %.1,$(faces))) \
	$(addprefix 644|$(bashdir)|,$(filter %/flushbench,$(faces))) \
	$(addprefix 644|$(zshdir)|,$(filter %/_flushbench,$(faces))) \
	$(foreach d,$(documents),644|$(call beneath,$(d))|$(d))
part = $(word $(1),$(subst |, ,$(2)))
place_of = $(DESTDIR)$(call part,2,$(1))/$(notdir $(call part,3,$(1)))
record := $(share)/made-folders

define install_one
	$(call say,INST $(call place_of,$(1)))
	$(Q)$(INSTALL) -m $(call part,1,$(1)) $(call part,3,$(1)) $(call place_of,$(1))

endef

# The program finds its data from where it lies itself, so that what is installed may be
# staged and moved whole.
data_is_found := $(filter $(abspath $(datadir)),$(abspath $(bindir)/../share))

# Blanks and quotes in a name would be words and commands of the shell.
quote = '$(subst ','\'',$(1))'
folders := $(bindir):$(share):$(mandir):$(bashdir):$(zshdir):$(docdir)
plain_names = case $(call quote,$(DESTDIR):$(folders)) in *[!A-Za-z0-9/._+:@%=~-]*) \
	echo 'make $@: DESTDIR, prefix and the folders in it must be of letters, digits' \
		'and /._+:@%=~-' >&2; exit 1;; esac; \
	case $(call quote,$(subst |,:,$(installed))) in *[!A-Za-z0-9/._+:@%=~\ -]*) \
	echo 'make $@: a file in workloads, docs or scripts/plot has a name that is not' \
		'of letters, digits and ._+:@%=~-; rename it' >&2; exit 1;; esac
whole_names = [ $(words $(installed)) -eq $(words $(wildcard \
	$(foreach i,$(installed),$(call part,3,$(i))))) ] || { \
	echo 'make $@: a file in workloads, docs or scripts/plot has a blank in its name;' \
		'rename it' >&2; exit 1; }

install: all
	@$(plain_names)
	@$(whole_names)
	@$(if $(data_is_found),:,echo 'make install: the program looks for its data in \
	../share, seen from bindir; set datadir=$(abspath $(bindir)/../share)' >&2; exit 1)
	@scripts/folders.sh make '$(DESTDIR)' $(record) \
		$(sort $(foreach i,$(installed),$(call part,2,$(i))))
	$(foreach i,$(installed),$(call install_one,$(i)))

uninstall:
	@$(plain_names)
	$(call say,RM '$(words $(installed)) files from $(DESTDIR)$(prefix)')
	$(Q)rm -f $(foreach i,$(installed),$(call place_of,$(i)))
	@scripts/folders.sh remove '$(DESTDIR)' $(record)

archive := flushbench-$(VERSION)

dist:
	@scripts/dist.sh $(archive) '$(commit)' build/dist
	@ls build/dist/$(archive).tar.gz

DEB_DIR ?= build/deb

deb:
	@scripts/deps.sh deb
	@+$(MAKE) deb-built

deb-built:
	$(call say,DEB $(DEB_DIR))
	@scripts/dist.sh $(archive) '$(commit)' $(DEB_DIR)
	@scripts/deb.sh $(archive) $(DEB_DIR)

clean:
	rm -rf build flushbench compile_commands.json

ours := $(sort $(wildcard src/*/*.[ch] bench/*.[ch] tests/*.[ch] tests/*/*.[ch]))
compiled := $(call here,$(filter %.c,$(ours)))
quoted = "$(subst ",\",$(subst \,\\,$(1)))"
entry = { "directory": $(call quoted,$(CURDIR)), "file": "$(1)", "command": \
	$(call quoted,$(CC) $(call flags_of,$(1)) -c $(1)) }
unless_last = $(if $(filter-out $(lastword $(compiled)),$(1)),$(comma))

compdb:
	$(file >compile_commands.json,[)
	$(foreach f,$(compiled),$(file >>compile_commands.json,$(call \
		entry,$(f))$(call unless_last,$(f))))
	$(file >>compile_commands.json,])
	@echo 'compile_commands.json: $(words $(compiled)) files'

linted := $(filter src/% bench/%,$(compiled))
# Left out: what wants Annex K, what forbids `!strcmp()`, what mistakes va_start
# for nothing, numbers as handles, and what is a matter of taste.
tidy_checks := clang-analyzer-*,bugprone-*,performance-*,$(subst $() ,$(comma),$(addprefix -,\
	clang-analyzer-security.insecureAPI.* clang-analyzer-valist.Uninitialized \
	clang-analyzer-optin.performance.Padding performance-no-int-to-ptr \
	bugprone-suspicious-string-compare bugprone-easily-swappable-parameters \
	bugprone-narrowing-conversions bugprone-implicit-widening-of-multiplication-result \
	bugprone-sizeof-expression bugprone-branch-clone))

lint:
	@if command -v $(CLANG_TIDY) >/dev/null; then \
		$(MAKE) compdb && \
		printf '%s\n' $(linted) | xargs -n 4 -P "$$(nproc)" \
			$(CLANG_TIDY) --quiet --warnings-as-errors='*' -p . \
			--checks='-*,$(tidy_checks)'; \
	elif command -v $(CPPCHECK) >/dev/null; then \
		$(CPPCHECK) --quiet --std=c11 --error-exitcode=1 --inline-suppr \
			--enable=warning,performance,portability \
			--suppress=missingIncludeSystem -Isrc -I. $(linted); \
	else \
		echo 'make lint: neither clang-tidy nor cppcheck is there;' \
			'run scripts/deps.sh dev' >&2; exit 1; \
	fi

format format-check:
	@command -v $(CLANG_FORMAT) >/dev/null || { echo 'make $@: there is no' \
		'clang-format; run scripts/deps.sh dev' >&2; exit 1; }
	@$(CLANG_FORMAT) $(if $(filter format,$@),-i,--dry-run -Werror) $(ours)

-include $(patsubst %.o,%.d,$(LIB_OBJS) $(BENCH_OBJS) $(SUPPORT_OBJS) \
	$(test_programs:$(exe)=.o) $(B)/tests/bench/microbench.o \
	$(hivebench_objs) $(nvbench_objs) $(dax_probe:$(exe)=.o) \
	$(call objects,$(wildcard tests/fuzz/*.c)))
