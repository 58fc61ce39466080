#include "account/trace_ring.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A record of SAMPLE_TYPE (perf_event_open(2)); @raw begins with common_type. */
enum { SAMPLE_TYPE = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW };

struct sample {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t time_ns;
	uint32_t raw_size;
	uint8_t raw[];
};

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static int open_event(struct fb_trace_ring *r, const struct fb_trace_source *s,
		      unsigned cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = s->format.id,
		.sample_period = 1,
		.sample_type = SAMPLE_TYPE,
		.read_format = r->tells_lost ? PERF_FORMAT_LOST : 0,
		.disabled = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC_RAW,
		/* Nobody polls: wake nobody but once a ring. */
		.watermark = 1,
		.wakeup_watermark = (uint32_t)r->bytes,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, (int)cpu, -1,
			      PERF_FLAG_FD_CLOEXEC);
	int ret;

	if (fd < 0 && errno == EINVAL && r->tells_lost) {
		/* Before Linux 6.0. */
		r->tells_lost = false;
		return open_event(r, s, cpu);
	}
	if (fd < 0)
		return -errno;
	if (!ioctl(fd, PERF_EVENT_IOC_SET_FILTER, s->filter))
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

static int map_ring(struct fb_trace_ring *r, int fd)
{
	void *map = mmap(NULL, page_bytes() + r->bytes, PROT_READ | PROT_WRITE,
			 MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		return -errno;
	r->map = map;
	return 0;
}

/* The first event owns the ring, the others write into it as well. */
static int join_ring(struct fb_trace_ring *r, int fd, int leader)
{
	if (!r->map)
		return map_ring(r, fd);
	return ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, leader) ? -errno : 0;
}

int fb_trace_ring_open(struct fb_trace_ring *r, const struct fb_trace_source *sources,
		       unsigned cpu, size_t bytes)
{
	int leader = -1;
	int ret = 0;

	memset(r, 0, offsetof(struct fb_trace_ring, whole));
	r->sources = sources;
	r->bytes = bytes;
	r->tells_lost = true;
	for (size_t i = 0; i < FB_BLOCK_KINDS; i++)
		r->fd[i] = -1;
	for (size_t i = 0; !ret && i < FB_BLOCK_KINDS; i++) {
		if (!sources[i].format.id)
			continue;
		r->fd[i] = open_event(r, &sources[i], cpu);
		ret = r->fd[i] < 0 ? r->fd[i] : join_ring(r, r->fd[i], leader);
		if (leader < 0)
			leader = r->fd[i];
	}
	if (ret)
		fb_trace_ring_close(r);
	return ret;
}

void fb_trace_ring_close(struct fb_trace_ring *r)
{
	if (r->map)
		munmap(r->map, page_bytes() + r->bytes);
	r->map = NULL;
	for (size_t i = 0; i < FB_BLOCK_KINDS; i++)
		if (r->fd[i] >= 0)
			close(r->fd[i]);
}

int fb_trace_ring_record(struct fb_trace_ring *r, bool on)
{
	const unsigned long request = on ? PERF_EVENT_IOC_ENABLE
					 : PERF_EVENT_IOC_DISABLE;

	int ret = 0;

	for (size_t i = 0; i < FB_BLOCK_KINDS; i++)
		if (r->fd[i] >= 0 && ioctl(r->fd[i], request, 0) && !ret)
			ret = -errno;
	return ret;
}

static uint64_t written(const struct fb_trace_ring *r)
{
	const struct perf_event_mmap_page *page = r->map;

	return __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
}

bool fb_trace_ring_waiting(const struct fb_trace_ring *r)
{
	return r->n_next || written(r) != r->at;
}

void fb_trace_ring_load(struct fb_trace_ring *r)
{
	r->head = written(r);
}

/* A record that is cut by the ring's end is put together first. */
static const void *record_at(struct fb_trace_ring *r, size_t size)
{
	const uint8_t *data = (const uint8_t *)r->map + page_bytes();
	const size_t from = r->at & (r->bytes - 1);
	const size_t first = r->bytes - from;

	if (size <= first)
		return data + from;
	memcpy(r->whole, data + from, first);
	memcpy(r->whole + first, data, size - first);
	return r->whole;
}

static bool take_sample(struct fb_trace_ring *r, const struct sample *s,
			struct fb_block_event *out)
{
	const size_t room = s->header.size - offsetof(struct sample, raw);
	const size_t size = s->raw_size < room ? s->raw_size : room;
	uint16_t id;

	if (size < sizeof(id))
		return false;
	memcpy(&id, s->raw, sizeof(id));
	for (int i = 0; i < FB_BLOCK_KINDS; i++) {
		if (r->sources[i].format.id != id)
			continue;
		out->kind = (enum fb_block_kind)i;
		out->time_ns = s->time_ns;
		/* The kernel says -1 of a task that is gone. */
		out->pid = (int)s->pid > 0 ? (int)s->pid : 0;
		out->tid = (int)s->tid > 0 ? (int)s->tid : 0;
		return !fb_trace_decode(&r->sources[i].format, s->raw, size, out);
	}
	return false;
}

/* The next event of the ring as it stands there, or false. */
static bool read_event(struct fb_trace_ring *r, struct fb_block_event *out)
{
	while (r->at != r->head) {
		const struct perf_event_header *h =
			record_at(r, sizeof(struct perf_event_header));
		const size_t size = h->size;

		if (size < sizeof(*h) || size > r->head - r->at) {
			r->at = r->head;
			return false;
		}
		h = record_at(r, size);
		r->at += size;
		if (h->type != PERF_RECORD_SAMPLE)
			continue;
		if (size >= offsetof(struct sample, raw) &&
		    take_sample(r, (const struct sample *)h, out)) {
			r->seen++;
			return true;
		}
		r->odd++;
	}
	return false;
}

/*
 * An event that interrupts another between its stamp and its place stands before it
 * with a later time, so one is read ahead.
 */
const struct fb_block_event *fb_trace_ring_peek(struct fb_trace_ring *r)
{
	while (r->n_next < 2 && read_event(r, &r->next[r->n_next]))
		r->n_next++;
	if (r->n_next == 2 && r->next[1].time_ns < r->next[0].time_ns) {
		const struct fb_block_event later = r->next[0];

		r->next[0] = r->next[1];
		r->next[1] = later;
	}
	return r->n_next ? &r->next[0] : NULL;
}

void fb_trace_ring_pop(struct fb_trace_ring *r)
{
	r->next[0] = r->next[1];
	r->n_next--;
}

void fb_trace_ring_free(struct fb_trace_ring *r)
{
	struct perf_event_mmap_page *page = r->map;

	if (r->freed != r->at)
		__atomic_store_n(&page->data_tail, r->at, __ATOMIC_RELEASE);
	r->freed = r->at;
}

/* What an event's descriptor says; the second only where r->tells_lost. */
struct counts {
	uint64_t all, lost;
};

static struct counts counts(const struct fb_trace_ring *r)
{
	struct counts sum = {0};

	for (size_t i = 0; i < FB_BLOCK_KINDS; i++) {
		struct counts one = {0};

		if (r->fd[i] >= 0 && read(r->fd[i], &one, sizeof(one)) > 0) {
			sum.all += one.all;
			sum.lost += one.lost;
		}
	}
	return sum;
}

struct fb_trace_losses fb_trace_ring_losses(const struct fb_trace_ring *r,
					    bool recording)
{
	const struct counts c = counts(r);
	struct fb_trace_losses l = {.no_room = c.lost - r->lost_before};
	const uint64_t missed = c.all > r->seen ? c.all - r->seen : 0;

	/* What was recorded since the last read is not missed. */
	if (recording)
		return l;
	/* What came and was not understood is lost, but nobody hid it. */
	l.no_room = r->tells_lost ? l.no_room + r->odd : missed;
	l.hidden = missed > l.no_room ? missed - l.no_room : 0;
	return l;
}

void fb_trace_ring_clear(struct fb_trace_ring *r)
{
	fb_trace_ring_load(r);
	r->at = r->head;
	fb_trace_ring_free(r);
	r->n_next = 0;
	r->seen = r->odd = 0;
	/* This takes the events back to 0, not the lost ones among them. */
	for (size_t i = 0; i < FB_BLOCK_KINDS; i++)
		if (r->fd[i] >= 0)
			ioctl(r->fd[i], PERF_EVENT_IOC_RESET, 0);
	r->lost_before = counts(r).lost;
}
