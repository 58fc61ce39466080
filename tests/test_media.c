/*
 * What NVMe drives say of themselves: logs made up, and libnvme as it is found here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/units.h"
#include "device/nvme.h"
#include "support/need.h"
#include "support/tmpdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if __has_include(<libnvme.h>)
#define HAS_HEADER true
#else
#define HAS_HEADER false
#endif

/* A drive: what its pages hold, what it answers, and the name in /dev last asked. */
static struct {
	char folder[TMPDIR_LEN];
	char asked[FB_DISK_NAME];
	unsigned char smart[FB_NVME_LOG_BYTES];
	unsigned char ocp[FB_NVME_LOG_BYTES];
	unsigned char identity[FB_NVME_IDENTIFY_BYTES];
	int smart_says, ocp_says, identity_says;
} drive;

/* As the OCP's document prints it, first byte last. */
static const unsigned char ocp_guid[] = {0xaf, 0xd5, 0x14, 0xc9, 0x7c, 0x6f,
					 0x4f, 0x9c, 0xa4, 0xf2, 0xbf, 0xea,
					 0x28, 0x10, 0xaf, 0xc5};

/* Its node in our folder holds its name. */
static void remember(int fd)
{
	ssize_t n = pread(fd, drive.asked, sizeof(drive.asked) - 1, 0);

	drive.asked[n > 0 ? n : 0] = '\0';
}

static int give_log(int fd, unsigned page, void *to)
{
	remember(fd);
	if (page == FB_NVME_SMART_LOG) {
		memcpy(to, drive.smart, sizeof(drive.smart));
		return drive.smart_says;
	}
	assert_int_equal(page, FB_NVME_OCP_LOG);
	memcpy(to, drive.ocp, sizeof(drive.ocp));
	return drive.ocp_says;
}

static int give_identity(int fd, void *to)
{
	remember(fd);
	memcpy(to, drive.identity, sizeof(drive.identity));
	return drive.identity_says;
}

static const struct fb_nvme library = {
	.log = give_log,
	.identify = give_identity,
	.version = "9.9",
};

static void put(unsigned char *at, size_t bytes, uint64_t value)
{
	for (size_t i = 0; i < bytes; i++, value >>= 8)
		at[i] = (unsigned char)value;
}

static int enter(void **state)
{
	(void)state;
	memset(&drive, 0, sizeof(drive));
	put(drive.smart + 1, 2, 300);
	put(drive.smart + 48, 8, 1000);
	for (size_t i = 0; i < sizeof(ocp_guid); i++)
		drive.ocp[496 + i] = ocp_guid[sizeof(ocp_guid) - 1 - i];
	put(drive.ocp, 8, 123456789);
	fb_nvme_use(&library);
	return tmpdir_make(drive.folder);
}

static int leave(void **state)
{
	(void)state;
	fb_nvme_use(NULL);
	tmpdir_remove(drive.folder);
	return 0;
}

static struct fb_disk disk_named(const char *name)
{
	struct fb_disk d = {0};

	snprintf(d.name, sizeof(d.name), "%s", name);
	return d;
}

static void make_node(const char *name)
{
	char path[TMPDIR_LEN + FB_DISK_NAME];
	int fd = open(tmpdir_join(path, sizeof(path), drive.folder, name),
		      O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, name, strlen(name)), strlen(name));
	close(fd);
}

static int read_media(const char *name, struct fb_media *out)
{
	struct fb_disk d = disk_named(name);

	return fb_media_read_in(drive.folder, &d, out);
}

static void assert_host_bytes(uint64_t high, uint64_t units, uint64_t bytes)
{
	struct fb_media m = {0};

	put(drive.smart + 48, 8, units);
	put(drive.smart + 56, 8, high);
	assert_int_equal(read_media("nvme0n1", &m), 0);
	assert_int_equal(m.host_bytes, bytes);
}

static void the_smart_log_tells_bytes_heat_and_warnings(void **state)
{
	struct fb_media m = {0};

	(void)state;
	make_node("nvme0n1");
	drive.smart[0] = 0x05;
	assert_int_equal(read_media("nvme0n1", &m), 0);
	assert_int_equal(m.host_bytes, 512000000);
	assert_int_equal(m.celsius, 27);
	assert_int_equal(m.critical, 0x05);
}

static void a_temperature_that_cannot_be_is_unknown(void **state)
{
	struct fb_media m = {0};

	(void)state;
	make_node("nvme0n1");
	put(drive.smart + 1, 2, 0);
	assert_int_equal(read_media("nvme0n1", &m), 0);
	assert_int_equal(m.celsius, FB_UNKNOWN);
	put(drive.smart + 1, 2, 273);
	assert_int_equal(read_media("nvme0n1", &m), 0);
	assert_int_equal(m.celsius, 0);
}

static void units_past_what_bytes_can_count_are_unknown(void **state)
{
	uint64_t most = (UINT64_MAX - 1) / 512000;

	(void)state;
	make_node("nvme0n1");
	assert_host_bytes(0, 0, 0);
	assert_host_bytes(0, 1, 512000);
	assert_host_bytes(0, most, most * 512000);
	assert_host_bytes(0, most + 1, FB_UNKNOWN);
	assert_host_bytes(0, UINT64_MAX, FB_UNKNOWN);
	assert_host_bytes(1, 5, FB_UNKNOWN);
}

static void the_page_of_the_ocp_tells_what_its_flash_was_written(void **state)
{
	struct fb_media m = {0};

	(void)state;
	make_node("nvme0n1");
	assert_int_equal(read_media("nvme0n1", &m), 0);
	assert_int_equal(m.media_bytes, 123456789);
	drive.ocp[8] = 1;
	assert_int_equal(read_media("nvme0n1", &m), 0);
	assert_int_equal(m.media_bytes, FB_UNKNOWN);
}

static void another_page_of_that_number_is_not_believed(void **state)
{
	struct fb_media m = {0};

	(void)state;
	make_node("nvme0n1");
	for (size_t i = 0; i < sizeof(ocp_guid); i++) {
		drive.ocp[496 + i] ^= 1;
		assert_int_equal(read_media("nvme0n1", &m), 0);
		assert_int_equal(m.media_bytes, FB_UNKNOWN);
		drive.ocp[496 + i] ^= 1;
	}
	drive.ocp_says = -EREMOTEIO;
	assert_int_equal(read_media("nvme0n1", &m), 0);
	assert_int_equal(m.media_bytes, FB_UNKNOWN);
	assert_int_equal(m.host_bytes, 512000000);
}

static void a_drive_that_refuses_leaves_the_figures_alone(void **state)
{
	struct fb_media m = {1, 2, 3, 4};

	(void)state;
	make_node("nvme0n1");
	drive.smart_says = -EACCES;
	assert_int_equal(read_media("nvme0n1", &m), -EACCES);
	assert_int_equal(read_media("nvme7n1", &m), -ENOENT);
	assert_int_equal(read_media("sda", &m), -ENODEV);
	assert_int_equal(m.host_bytes, 1);
	assert_int_equal(m.media_bytes, 2);
	assert_int_equal(m.celsius, 3);
	assert_int_equal(m.critical, 4);
}

static void assert_node(const char *disk, const char *node)
{
	char name[FB_DISK_NAME] = "";

	assert_int_equal(fb_nvme_node(disk, name), node ? 0 : -ENODEV);
	assert_string_equal(name, node ? node : "");
}

static void every_name_of_an_nvme_disk_is_known(void **state)
{
	(void)state;
	assert_node("nvme0n1", "nvme0n1");
	assert_node("nvme12n34", "nvme12n34");
	assert_node("nvme0c3n1", "nvme3");
	assert_node("nvme0", NULL);
	assert_node("nvme0n1p2", NULL);
	assert_node("nvme0c0", NULL);
	assert_node("vda", NULL);
	assert_node("pmem0", NULL);
	assert_node("", NULL);
}

static void a_hidden_path_is_asked_through_its_controller(void **state)
{
	struct fb_media m;

	(void)state;
	make_node("nvme0n1");
	make_node("nvme3");
	assert_int_equal(read_media("nvme0c3n1", &m), 0);
	assert_string_equal(drive.asked, "nvme3");
	assert_int_equal(read_media("nvme0n1", &m), 0);
	assert_string_equal(drive.asked, "nvme0n1");
}

static void a_drive_says_whether_its_cache_is_volatile(void **state)
{
	struct fb_disk d = disk_named("nvme0n1");
	struct fb_disk other = disk_named("vda");

	(void)state;
	make_node("nvme0n1");
	assert_int_equal(fb_media_cache_in(drive.folder, &d), FB_NO);
	drive.identity[525] = 0x06;
	assert_int_equal(fb_media_cache_in(drive.folder, &d), FB_NO);
	drive.identity[525] = 0x07;
	assert_int_equal(fb_media_cache_in(drive.folder, &d), FB_YES);
	drive.identity_says = -EREMOTEIO;
	assert_int_equal(fb_media_cache_in(drive.folder, &d), FB_MAYBE);
	assert_int_equal(fb_media_cache_in(drive.folder, &other), FB_MAYBE);
}

static void without_libnvme_nothing_is_known_of_an_nvme_drive(void **state)
{
	struct fb_disk d = disk_named("nvme0n1");
	struct fb_media m;

	(void)state;
	make_node("nvme0n1");
	assert_string_equal(fb_media_library(), "9.9");
	fb_nvme_use(NULL);
	assert_null(fb_media_library());
	assert_int_equal(read_media("nvme0n1", &m), -ENOSYS);
	assert_int_equal(read_media("vda", &m), -ENODEV);
	assert_int_equal(fb_media_cache_in(drive.folder, &d), FB_MAYBE);
}

static void the_libnvme_of_this_system_is_used(void **state)
{
	struct fb_nvme n = {0};
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	unsigned char page[FB_NVME_IDENTIFY_BYTES];

	(void)state;
	need(HAS_HEADER ? NULL : "there is no <libnvme.h>; run scripts/deps.sh check");
	assert_int_equal(fb_nvme_open("libnvme.so.1", &n), 0);
	assert_int_equal(n.version[0], '1');
	assert_int_equal(n.log(null, FB_NVME_SMART_LOG, page), -ENOTTY);
	assert_int_equal(n.identify(null, page), -ENOTTY);
	close(null);
}

static void a_library_that_is_none_is_told(void **state)
{
	struct fb_nvme n = {.version = "as it was"};

	(void)state;
	assert_int_equal(fb_nvme_open("libnvme.so.of.nobody", &n),
			 HAS_HEADER ? -ENOENT : -ENOSYS);
	assert_int_equal(fb_nvme_open("libm.so.6", &n), -ENOSYS);
	assert_string_equal(n.version, "as it was");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_smart_log_tells_bytes_heat_and_warnings),
		TEST(a_temperature_that_cannot_be_is_unknown),
		TEST(units_past_what_bytes_can_count_are_unknown),
		TEST(the_page_of_the_ocp_tells_what_its_flash_was_written),
		TEST(another_page_of_that_number_is_not_believed),
		TEST(a_drive_that_refuses_leaves_the_figures_alone),
		TEST(every_name_of_an_nvme_disk_is_known),
		TEST(a_hidden_path_is_asked_through_its_controller),
		TEST(a_drive_says_whether_its_cache_is_volatile),
		TEST(without_libnvme_nothing_is_known_of_an_nvme_drive),
		TEST(the_libnvme_of_this_system_is_used),
		TEST(a_library_that_is_none_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
