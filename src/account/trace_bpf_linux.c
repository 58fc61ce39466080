#include "account/trace_bpf.h"

#include "account/trace_program_linux.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * 80 bytes a record: 0.1 s of 500 000 events a second. A record that is being written
 * is waited for, about as long as an interrupt may take.
 */
enum { RING_BYTES = 4 << 20, SPINS_MAX = 20000 };

struct fb_trace_bpf {
	struct fb_trace_format layouts[FB_BLOCK_KINDS];
	int programs[FB_BLOCK_KINDS], events[FB_BLOCK_KINDS]; /* -1: none */
	unsigned ids[FB_BLOCK_KINDS];
	int ring_fd, state_fd;
	size_t ring_bytes;
	uint64_t *consumer;     /* a page that we write */
	const uint8_t *written; /* one that the kernel writes, and the data, twice */
	struct fb_program_state *state;
	uint64_t missed_before;
};

static int call_bpf(int command, union bpf_attr *attr)
{
	const int ret = (int)syscall(SYS_bpf, command, attr, sizeof(*attr));

	return ret < 0 ? -errno : ret;
}

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static int make_ring(struct fb_trace_bpf *b)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_RINGBUF,
			       .max_entries = (uint32_t)b->ring_bytes};
	void *map;

	b->ring_fd = call_bpf(BPF_MAP_CREATE, &attr);
	if (b->ring_fd < 0)
		return b->ring_fd;
	map = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, b->ring_fd,
		   0);
	if (map == MAP_FAILED)
		return -errno;
	b->consumer = map;
	map = mmap(NULL, page_bytes() + 2 * b->ring_bytes, PROT_READ, MAP_SHARED,
		   b->ring_fd, (off_t)page_bytes());
	if (map == MAP_FAILED)
		return -errno;
	b->written = map;
	return 0;
}

static int make_state(struct fb_trace_bpf *b)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY,
			       .key_size = sizeof(uint32_t),
			       .value_size = sizeof(struct fb_program_state),
			       .max_entries = 1,
			       .map_flags = BPF_F_MMAPABLE};
	void *map;

	b->state_fd = call_bpf(BPF_MAP_CREATE, &attr);
	if (b->state_fd < 0)
		return b->state_fd;
	map = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, b->state_fd,
		   0);
	if (map == MAP_FAILED)
		return -errno;
	b->state = map;
	return 0;
}

static int load(const struct fb_program *p)
{
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_TRACEPOINT,
			       .insns = (uintptr_t)p->code,
			       .insn_cnt = p->n,
			       .license = (uintptr_t) "GPL"};

	return call_bpf(BPF_PROG_LOAD, &attr);
}

/* One descriptor is for all CPUs; as it is never enabled, perf itself records nothing.
 */
static int attach(unsigned id, int program)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT,
				       .size = sizeof(attr),
				       .config = id,
				       .disabled = 1};
	const int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1,
				    PERF_FLAG_FD_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	if (!ioctl(fd, PERF_EVENT_IOC_SET_BPF, program))
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int open_kind(struct fb_trace_bpf *b, enum fb_block_kind kind,
		     const struct fb_trace_source *sources,
		     const struct fb_trace_ask *ask)
{
	const struct fb_program_of of = {.kind = kind,
					 .format = &sources[kind].format,
					 .ask = ask,
					 .ring_fd = b->ring_fd,
					 .state_fd = b->state_fd};
	struct fb_program p;
	int ret;

	if (!sources[kind].format.id)
		return 0;
	b->layouts[kind] = fb_program_layout(&sources[kind].format);
	b->ids[kind] = sources[kind].format.id;
	ret = fb_program_make(&p, &of);
	if (!ret)
		ret = b->programs[kind] = load(&p);
	return ret < 0 ? ret : 0;
}

static void detach_all(struct fb_trace_bpf *b)
{
	for (size_t i = 0; i < FB_BLOCK_KINDS; i++) {
		close_fd(b->events[i]);
		b->events[i] = -1;
	}
}

static int attach_all(struct fb_trace_bpf *b)
{
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < FB_BLOCK_KINDS; i++)
		if (b->programs[i] >= 0 && b->events[i] < 0)
			ret = b->events[i] = attach(b->ids[i], b->programs[i]);
	if (ret >= 0)
		return 0;
	detach_all(b);
	return ret;
}

int fb_trace_bpf_open(struct fb_trace_bpf **out, const struct fb_trace_source *sources,
		      const struct fb_trace_ask *ask)
{
	struct fb_trace_bpf *b = calloc(1, sizeof(*b));
	int ret;

	if (!b)
		return -ENOMEM;
	b->ring_fd = b->state_fd = -1;
	for (size_t i = 0; i < FB_BLOCK_KINDS; i++)
		b->programs[i] = b->events[i] = -1;
	b->ring_bytes = ask->ring_bytes ? ask->ring_bytes : RING_BYTES;
	ret = make_ring(b);
	if (!ret)
		ret = make_state(b);
	for (int i = 0; !ret && i < FB_BLOCK_KINDS; i++)
		ret = open_kind(b, (enum fb_block_kind)i, sources, ask);
	/* Whether it may be done is to be known now. */
	if (!ret)
		ret = attach_all(b);
	detach_all(b);
	if (ret) {
		fb_trace_bpf_close(b);
		return ret;
	}
	*out = b;
	return 0;
}

void fb_trace_bpf_close(struct fb_trace_bpf *b)
{
	if (!b)
		return;
	detach_all(b);
	for (size_t i = 0; i < FB_BLOCK_KINDS; i++)
		close_fd(b->programs[i]);
	if (b->state)
		munmap(b->state, page_bytes());
	if (b->consumer)
		munmap(b->consumer, page_bytes());
	if (b->written)
		munmap((void *)(uintptr_t)b->written, page_bytes() + 2 * b->ring_bytes);
	close_fd(b->state_fd);
	close_fd(b->ring_fd);
	free(b);
}

/* How often the kernel left a program out because another was under way on that CPU. */
static uint64_t missed(const struct fb_trace_bpf *b)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < FB_BLOCK_KINDS; i++) {
		struct bpf_prog_info info = {0};
		union bpf_attr attr = {.info = {.bpf_fd = (uint32_t)b->programs[i],
						.info_len = sizeof(info),
						.info = (uintptr_t)&info}};

		if (b->programs[i] >= 0 && !call_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
			sum += info.recursion_misses;
	}
	return sum;
}

static uint64_t written(const struct fb_trace_bpf *b)
{
	return __atomic_load_n((const uint64_t *)(const void *)b->written,
			       __ATOMIC_ACQUIRE);
}

int fb_trace_bpf_start(struct fb_trace_bpf *b)
{
	__atomic_store_n(b->consumer, written(b), __ATOMIC_RELEASE);
	__atomic_store_n(&b->state->lost, 0, __ATOMIC_RELAXED);
	b->missed_before = missed(b);
	__atomic_store_n(&b->state->recording, 1, __ATOMIC_SEQ_CST);
	return attach_all(b);
}

void fb_trace_bpf_stop(struct fb_trace_bpf *b)
{
	__atomic_store_n(&b->state->recording, 0, __ATOMIC_SEQ_CST);
	detach_all(b);
}

/* The length of a record once it is written, 0: it is not. */
static uint32_t length_at(const uint32_t *header)
{
	uint32_t length = __atomic_load_n(header, __ATOMIC_ACQUIRE);

	for (int i = 0; i < SPINS_MAX && length & BPF_RINGBUF_BUSY_BIT; i++)
		length = __atomic_load_n(header, __ATOMIC_ACQUIRE);
	return length & BPF_RINGBUF_BUSY_BIT ? 0 : length & ~BPF_RINGBUF_DISCARD_BIT;
}

static bool take(const struct fb_trace_bpf *b, const void *data,
		 struct fb_block_event *out)
{
	struct fb_program_record r;

	memcpy(&r, data, sizeof(r));
	if (r.kind >= FB_BLOCK_KINDS)
		return false;
	out->kind = (enum fb_block_kind)r.kind;
	out->time_ns = r.time_ns;
	out->tid = (int)r.tid;
	out->pid = (int)r.pid;
	return !fb_trace_decode(&b->layouts[r.kind], &r, sizeof(r), out);
}

/* The next record's event; false: there is none. */
static bool next(struct fb_trace_bpf *b, uint64_t *at, uint64_t end,
		 struct fb_block_event *out)
{
	const uint8_t *data = b->written + page_bytes();
	bool good = false;

	while (!good && *at != end) {
		const uint8_t *record = data + (*at & (b->ring_bytes - 1));
		const uint32_t length =
			length_at((const uint32_t *)(const void *)record);

		if (!length)
			return false;
		good = length >= sizeof(struct fb_program_record) &&
		       take(b, record + BPF_RINGBUF_HDR_SZ, out);
		*at += (length + BPF_RINGBUF_HDR_SZ + 7u) & ~7ull;
	}
	return good;
}

/* Two whose programs met on two CPUs, or one in the other, may stand the wrong way
 * round. */
void fb_trace_bpf_read(struct fb_trace_bpf *b,
		       void (*see)(const struct fb_block_event *e, void *ctx),
		       void *ctx)
{
	uint64_t at = *b->consumer;
	const uint64_t end = written(b);
	struct fb_block_event held, e;

	if (at == end || !next(b, &at, end, &held))
		return;
	while (next(b, &at, end, &e)) {
		if (e.time_ns >= held.time_ns) {
			const struct fb_block_event first = held;

			held = e;
			e = first;
		}
		see(&e, ctx);
	}
	see(&held, ctx);
	__atomic_store_n(b->consumer, at, __ATOMIC_RELEASE);
}

struct fb_trace_losses fb_trace_bpf_losses(const struct fb_trace_bpf *b)
{
	return (struct fb_trace_losses){
		.no_room = __atomic_load_n(&b->state->lost, __ATOMIC_RELAXED),
		.hidden = missed(b) - b->missed_before,
	};
}
