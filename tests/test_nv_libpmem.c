/*
 * libpmem and what it is believed, the real one and one made up.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "nt/nt.h"
#include "nt/pmem_linux.h"
#include "support/need.h"
#include "support/nt_assert.h"
#include "support/nv_file.h"

#if __has_include(<libpmem.h>)
#include <libpmem.h>
#define HAS_HEADER true
#else
#define HAS_HEADER false
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct fb_pmem *pmem;

/* A library of our own: what it says, and how often it was called. */
static struct {
	bool lasting;
	size_t short_by;
	unsigned maps;
	unsigned unmaps;
} fake;

static void *fake_map(const char *path, size_t len, int flags, mode_t mode,
		      size_t *mapped, int *is_pmem)
{
	const int fd = open(path, O_RDWR | O_CLOEXEC);
	struct stat st;
	void *at;

	fake.maps++;
	if (len || flags || mode || fd < 0 || fstat(fd, &st))
		return NULL;
	*mapped = (size_t)st.st_size - fake.short_by;
	*is_pmem = fake.lasting;
	at = mmap(NULL, *mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return at == MAP_FAILED ? NULL : at;
}

static int fake_unmap(void *at, size_t len)
{
	fake.unmaps++;
	return munmap(at, len);
}

static const struct fb_pmem made_up = {
	.map_file = fake_map,
	.unmap = fake_unmap,
	.version = "0.1",
};

static int enter(void **state)
{
	memset(&fake, 0, sizeof(fake));
	pmem = fb_pmem_get();
	return nv_file_enter(state);
}

static int leave(void **state)
{
	fb_pmem_use(pmem);
	return nv_file_leave(state);
}

/* Asked in a process of its own: the library reads the variable once. */
static int ask_forced(void)
{
	struct fb_pmem real;
	void *at, *base;
	size_t mapped;
	int lasting;

	setenv("PMEM_IS_PMEM_FORCE", "1", 1);
	if (fb_pmem_open("libpmem.so.1", &real))
		return 77;
	at = real.map_file(nv_file.path, 0, 0, 0, &mapped, &lasting);
	if (!at || !lasting || real.unmap(at, mapped))
		return 1;
	if (fb_nt_map_nv_view(nv_file.file, 0, 2 * nv_file.page, &base) !=
	    STATUS_NOT_SUPPORTED)
		return 2;
	return fb_nt_os_error() == EOPNOTSUPP ? 0 : 3;
}

static void libpmem_made_to_say_yes_is_not_believed(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	nv_file_make(nv_file.folder);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (!pid)
		_exit(ask_forced());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	need(WEXITSTATUS(status) == 77 ? "there is no libpmem here" : NULL);
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void *map_as_persistent(void)
{
	void *base = NULL;

	fb_pmem_use(&made_up);
	fake.lasting = true;
	assert_status(STATUS_SUCCESS,
		      fb_nt_map_nv_view(nv_file.file, 0, 2 * nv_file.page, &base));
	return base;
}

static void what_libpmem_maps_as_persistent_gets_a_token(void **state)
{
	struct fb_nt_nv_info info;
	PVOID token;
	char *base;

	(void)state;
	nv_file_make(nv_file.folder);
	base = map_as_persistent();
	assert_status(STATUS_SUCCESS,
		      RtlGetNonVolatileToken(base, 2 * nv_file.page, &token));
	assert_status(STATUS_SUCCESS, fb_nt_query_nv_token(token, &info));
	assert_int_equal(info.granularity, FB_NT_NV_LINE);
	assert_false(info.emulated);
	assert_status(STATUS_SUCCESS,
		      RtlWriteNonVolatileMemory(token, base, "abc", 3,
						WRITE_NV_MEMORY_FLAG_FLUSH));
	assert_memory_equal(base, "abc", 3);
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base));
	assert_status(STATUS_INVALID_PARAMETER, RtlDrainNonVolatileFlush(token));
	assert_int_equal(fake.maps, 1);
	assert_int_equal(fake.unmaps, 1);
	assert_nothing_left();
}

static void the_file_may_be_closed_before_its_nv_view(void **state)
{
	char *base;

	(void)state;
	nv_file_make(nv_file.folder);
	base = map_as_persistent();
	nv_file_close();
	base[2 * nv_file.page - 1] = 1;
	assert_status(STATUS_SUCCESS, fb_nt_msync(base, 0));
	assert_status(STATUS_SUCCESS, fb_nt_unmap_view(base));
	assert_nothing_left();
}

/* It opens the file anew, and might get more than the handle has. */
static void libpmem_is_not_asked_for_a_file_to_read(void **state)
{
	char path[sizeof(nv_file.path)];

	(void)state;
	fb_pmem_use(&made_up);
	fake.lasting = true;
	nv_file_make(nv_file.folder);
	snprintf(path, sizeof(path), "%s", nv_file.path);
	nv_file_open(path, FILE_READ_DATA);
	assert_refused(STATUS_ACCESS_DENIED, 0, 2 * nv_file.page);
	assert_int_equal(fake.maps, 0);
}

static void what_libpmem_maps_as_ordinary_is_given_back(void **state)
{
	(void)state;
	fb_pmem_use(&made_up);
	nv_file_make(nv_file.folder);
	assert_no_nv_memory();
	assert_int_equal(fake.maps, 1);
	assert_int_equal(fake.unmaps, 1);
}

static void a_file_that_shrank_meanwhile_is_given_back(void **state)
{
	(void)state;
	fb_pmem_use(&made_up);
	fake.lasting = true;
	fake.short_by = nv_file.page;
	nv_file_make(nv_file.folder);
	assert_no_nv_memory();
	assert_int_equal(fake.unmaps, 1);
}

/* It maps whole files only. */
static void libpmem_is_not_asked_for_a_part(void **state)
{
	(void)state;
	fb_pmem_use(&made_up);
	fake.lasting = true;
	nv_file_make(nv_file.folder);
	assert_refused(STATUS_NOT_SUPPORTED, nv_file.page, nv_file.page);
	assert_refused(STATUS_NOT_SUPPORTED, 0, nv_file.page);
	assert_int_equal(fake.maps, 0);
}

static void libpmem_is_not_asked_while_a_variable_answers_for_it(void **state)
{
	const char *const forces[] = {"PMEM_IS_PMEM_FORCE", "PMEM2_FORCE_GRANULARITY"};

	(void)state;
	fb_pmem_use(&made_up);
	fake.lasting = true;
	nv_file_make(nv_file.folder);
	for (size_t i = 0; i < 2; i++) {
		setenv(forces[i], "1", 1);
		assert_no_nv_memory();
		unsetenv(forces[i]);
	}
	assert_int_equal(fake.maps, 0);
	setenv("PMEM_NO_FLUSH", "1", 1);
	fb_nt_unmap_view(map_as_persistent());
	assert_int_equal(fake.maps, 1);
}

static void a_library_that_is_not_there_or_another_is_told(void **state)
{
	struct fb_pmem out = {.version = "as it was"};

	(void)state;
	assert_int_equal(fb_pmem_open("libpmem-is-not-there.so.1", &out), -ENOENT);
	assert_int_equal(fb_pmem_open("libm.so.6", &out), -ENOSYS);
	assert_string_equal(out.version, "as it was");
	fb_pmem_use(NULL);
	assert_null(fb_nt_libpmem());
	fb_pmem_use(&made_up);
	assert_string_equal(fb_nt_libpmem(), "0.1");
}

static void the_version_is_the_packages(void **state)
{
	FILE *f;
	char said[64] = "";

	(void)state;
	need(pmem ? NULL : "there is no libpmem here");
	f = popen("pkg-config --modversion libpmem 2>/dev/null", "r");
	assert_non_null(f);
	if (!fgets(said, sizeof(said), f))
		*said = '\0';
	pclose(f);
	said[strcspn(said, "\n")] = '\0';
	need(*said ? NULL : "pkg-config knows no libpmem (libpmem-dev)");
	assert_string_equal(fb_nt_libpmem(), said);
}

static void what_we_call_has_the_prototypes_of_libpmems_header(void **state)
{
	(void)state;
	need(HAS_HEADER ? NULL : "there is no libpmem.h here (libpmem-dev)");
#if HAS_HEADER
	struct fb_pmem ours;

	assert_true(
		_Generic(&pmem_map_file, __typeof__(ours.map_file) : 1, default : 0));
	assert_true(_Generic(&pmem_unmap, __typeof__(ours.unmap) : 1, default : 0));
#endif
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(libpmem_made_to_say_yes_is_not_believed),
		CASE(what_libpmem_maps_as_persistent_gets_a_token),
		CASE(the_file_may_be_closed_before_its_nv_view),
		CASE(libpmem_is_not_asked_for_a_file_to_read),
		CASE(what_libpmem_maps_as_ordinary_is_given_back),
		CASE(a_file_that_shrank_meanwhile_is_given_back),
		CASE(libpmem_is_not_asked_for_a_part),
		CASE(libpmem_is_not_asked_while_a_variable_answers_for_it),
		CASE(a_library_that_is_not_there_or_another_is_told),
		CASE(the_version_is_the_packages),
		CASE(what_we_call_has_the_prototypes_of_libpmems_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
