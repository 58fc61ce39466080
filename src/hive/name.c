#include "hive/name.h"

#include "hive/regf.h"

/* Most names are ASCII, so that much is done without a call. */
static inline uint16_t upcase(uint16_t unit)
{
	if (unit >= 0x80)
		return fb_upcase(unit);
	return (uint16_t)(unit - (unit >= 'a' && unit <= 'z' ? 'a' - 'A' : 0));
}

static inline int difference(uint16_t a, uint16_t b)
{
	return a == b ? 0 : (int)upcase(a) - (int)upcase(b);
}

static inline uint16_t disk_unit(const unsigned char *disk, size_t i, bool is_8bit)
{
	return is_8bit ? disk[i] : fb_get16(disk + 2 * i);
}

static size_t disk_units(size_t bytes, bool is_8bit)
{
	return is_8bit ? bytes : bytes / 2;
}

uint32_t fb_name_hash(struct fb_hive_name name)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < name.n; i++)
		hash = 37 * hash + upcase(name.units[i]);
	return hash;
}

bool fb_name_fits_8bit(struct fb_hive_name name)
{
	uint16_t all = 0;

	for (size_t i = 0; i < name.n; i++)
		all |= name.units[i];
	return all <= 0xFF;
}

size_t fb_name_disk_bytes(struct fb_hive_name name)
{
	return fb_name_fits_8bit(name) ? name.n : 2 * name.n;
}

void fb_name_put(void *at, struct fb_hive_name name)
{
	unsigned char *out = at;
	bool is_8bit = fb_name_fits_8bit(name);

	for (size_t i = 0; i < name.n; i++) {
		if (is_8bit)
			out[i] = (unsigned char)name.units[i];
		else
			fb_put16(out + 2 * i, name.units[i]);
	}
}

size_t fb_name_get(const void *disk, size_t bytes, bool is_8bit, uint16_t *out)
{
	size_t n = disk_units(bytes, is_8bit);

	for (size_t i = 0; i < n; i++)
		out[i] = disk_unit(disk, i, is_8bit);
	return n;
}

/* Called with @is_8bit a constant, so that neither loop asks. */
static inline __attribute__((always_inline)) int
compare(struct fb_hive_name name, const unsigned char *disk, size_t n, bool is_8bit)
{
	size_t both = name.n < n ? name.n : n;

	for (size_t i = 0; i < both; i++) {
		int d = difference(name.units[i], disk_unit(disk, i, is_8bit));

		if (d)
			return d;
	}
	return name.n < n ? -1 : name.n > n;
}

int fb_name_compare_disk(struct fb_hive_name name, const void *disk, size_t bytes,
			 bool is_8bit)
{
	if (is_8bit)
		return compare(name, disk, bytes, true);
	return compare(name, disk, bytes / 2, false);
}

bool fb_name_equal_disk(struct fb_hive_name name, const void *disk, size_t bytes,
			bool is_8bit)
{
	size_t n = disk_units(bytes, is_8bit);

	if (name.n != n)
		return false;
	/* names of one key often begin alike and differ in a number at the end */
	if (n && difference(name.units[n - 1], disk_unit(disk, n - 1, is_8bit)))
		return false;
	return fb_name_compare_disk(name, disk, bytes, is_8bit) == 0;
}
