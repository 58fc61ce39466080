#include "account/trace_program_linux.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

/* The end of the program, wherever that will be; and R0 to R10 by what they hold. */
enum {
	TO_END = -1,
	RESULT = BPF_REG_0,
	CONTEXT = BPF_REG_6,
	DEV = BPF_REG_7,
	RECORD = BPF_REG_8,
	STACK = BPF_REG_10,
};

static void emit(struct fb_program *p, struct bpf_insn i)
{
	if (p->n < FB_PROGRAM_MAX)
		p->code[p->n] = i;
	p->n++;
}

static void set(struct fb_program *p, uint8_t reg, int32_t value)
{
	emit(p, (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K,
				  .dst_reg = reg & 15u,
				  .imm = value});
}

static void copy(struct fb_program *p, uint8_t to, uint8_t from)
{
	emit(p, (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_X,
				  .dst_reg = to & 15u,
				  .src_reg = from & 15u});
}

static void call(struct fb_program *p, int32_t helper)
{
	emit(p, (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = helper});
}

static void load(struct fb_program *p, uint8_t size, uint8_t from, size_t offset)
{
	emit(p, (struct bpf_insn){.code = BPF_LDX | BPF_MEM | size,
				  .dst_reg = BPF_REG_1,
				  .src_reg = from & 15u,
				  .off = (int16_t)offset});
}

static void store(struct fb_program *p, uint8_t size, uint8_t from, size_t offset)
{
	emit(p, (struct bpf_insn){.code = BPF_STX | BPF_MEM | size,
				  .dst_reg = RECORD,
				  .src_reg = from & 15u,
				  .off = (int16_t)offset});
}

static void jump(struct fb_program *p, uint8_t test, uint8_t reg, int32_t value, int to)
{
	emit(p, (struct bpf_insn){.code = (uint8_t)(BPF_JMP32 | test | BPF_K),
				  .dst_reg = reg & 15u,
				  .off = (int16_t)to,
				  .imm = value});
}

static void to_end(struct fb_program *p)
{
	emit(p, (struct bpf_insn){.code = BPF_JMP | BPF_JA, .off = TO_END});
}

/* A pointer to a map, or to what the first entry of one holds, takes two. */
static void point(struct fb_program *p, uint8_t what, int fd)
{
	emit(p, (struct bpf_insn){.code = BPF_LD | BPF_DW | BPF_IMM,
				  .dst_reg = BPF_REG_1,
				  .src_reg = what & 15u,
				  .imm = fd});
	emit(p, (struct bpf_insn){0});
}

/* On when it is one of the disks that have such events. */
static int match_disks(struct fb_program *p, const struct fb_program_of *of)
{
	unsigned first;

	if (of->ask->n_disks > FB_PROGRAM_DISKS_MAX)
		return -E2BIG;
	copy(p, CONTEXT, BPF_REG_1);
	load(p, BPF_W, CONTEXT, of->format->dev.offset);
	copy(p, DEV, BPF_REG_1);
	first = p->n;
	for (size_t i = 0; i < of->ask->n_disks; i++)
		if (fb_trace_disk_has(of->ask->disks[i], of->kind))
			jump(p, BPF_JEQ, DEV,
			     (int32_t)fb_trace_disk_number(of->ask->disks[i]), 0);
	for (unsigned i = first; i < p->n; i++)
		p->code[i].off = (int16_t)(p->n - i);
	to_end(p);
	return 0;
}

/* An empty flush, or a request in several steps, is answered once more without a
 * sector. */
static void leave_out_empty(struct fb_program *p, const struct fb_program_of *of)
{
	if (of->kind != FB_BLOCK_COMPLETE)
		return;
	load(p, BPF_W, CONTEXT, of->format->nr_sector.offset);
	jump(p, BPF_JNE, BPF_REG_1, 0, 2);
	load(p, BPF_B, CONTEXT, of->format->rwbs.offset);
	jump(p, BPF_JNE, BPF_REG_1, 'F', TO_END);
}

static void reserve(struct fb_program *p, const struct fb_program_of *of)
{
	point(p, BPF_PSEUDO_MAP_FD, of->ring_fd);
	set(p, BPF_REG_2, sizeof(struct fb_program_record));
	set(p, BPF_REG_3, 0);
	call(p, BPF_FUNC_ringbuf_reserve);
	copy(p, RECORD, RESULT);
	emit(p, (struct bpf_insn){.code = BPF_JMP | BPF_JNE | BPF_K,
				  .dst_reg = RESULT,
				  .off = 5});
	point(p, BPF_PSEUDO_MAP_VALUE, of->state_fd);
	set(p, BPF_REG_2, 1);
	emit(p, (struct bpf_insn){.code = BPF_STX | BPF_DW | BPF_XADD,
				  .dst_reg = BPF_REG_1,
				  .src_reg = BPF_REG_2,
				  .off = offsetof(struct fb_program_state, lost)});
	to_end(p);
}

/*
 * Who the task is in our PID namespace; 0 and 0: it is in another. The numbers of a
 * namespace that is no more than 32 bits long, as it is, need no pointer.
 */
static int put_task(struct fb_program *p)
{
	struct stat ns;

	if (stat("/proc/self/ns/pid", &ns))
		return -errno;
	set(p, BPF_REG_1, (int32_t)ns.st_dev);
	emit(p, (struct bpf_insn){.code = BPF_ALU | BPF_MOV | BPF_K,
				  .dst_reg = BPF_REG_2,
				  .imm = (int32_t)ns.st_ino});
	copy(p, BPF_REG_3, STACK);
	emit(p, (struct bpf_insn){.code = BPF_ALU64 | BPF_ADD | BPF_K,
				  .dst_reg = BPF_REG_3,
				  .imm = -(int32_t)sizeof(struct bpf_pidns_info)});
	set(p, BPF_REG_4, sizeof(struct bpf_pidns_info));
	call(p, BPF_FUNC_get_ns_current_pid_tgid);
	load(p, BPF_DW, STACK, (size_t) - (ptrdiff_t)sizeof(struct bpf_pidns_info));
	store(p, BPF_DW, BPF_REG_1, offsetof(struct fb_program_record, tid));
	return 0;
}

/* The verifier wants each load from the context in line with its size. */
static void put_text(struct fb_program *p, struct fb_trace_field f, size_t to,
		     size_t room)
{
	size_t i = 0;

	while (i < f.size && i < room) {
		const bool pair = (f.offset + i) % 2 == 0 && i + 2 <= f.size &&
				  i + 2 <= room && i % 2 == 0;

		load(p, pair ? BPF_H : BPF_B, CONTEXT, f.offset + i);
		store(p, pair ? BPF_H : BPF_B, BPF_REG_1, to + i);
		i += pair ? 2 : 1;
	}
}

static int put_fields(struct fb_program *p, const struct fb_program_of *of)
{
	const struct fb_trace_format *f = of->format;
	struct fb_program_record r;
	int ret;

	call(p, BPF_FUNC_ktime_get_ns);
	store(p, BPF_DW, RESULT, offsetof(struct fb_program_record, time_ns));
	ret = put_task(p);
	store(p, BPF_W, DEV, offsetof(struct fb_program_record, dev));
	load(p, f->sector.size == 8 ? BPF_DW : BPF_W, CONTEXT, f->sector.offset);
	store(p, BPF_DW, BPF_REG_1, offsetof(struct fb_program_record, sector));
	load(p, BPF_W, CONTEXT, f->nr_sector.offset);
	store(p, BPF_W, BPF_REG_1, offsetof(struct fb_program_record, sectors));
	set(p, BPF_REG_1, (int32_t)of->kind);
	store(p, BPF_DW, BPF_REG_1, offsetof(struct fb_program_record, kind));
	put_text(p, f->rwbs, offsetof(struct fb_program_record, rwbs), sizeof(r.rwbs));
	put_text(p, f->comm, offsetof(struct fb_program_record, comm), sizeof(r.comm));
	return ret;
}

struct fb_trace_format fb_program_layout(const struct fb_trace_format *f)
{
	struct fb_program_record r;
	const unsigned rwbs = f->rwbs.size < sizeof(r.rwbs) ? f->rwbs.size
							    : sizeof(r.rwbs);
	const unsigned comm = f->comm.size < sizeof(r.comm) ? f->comm.size
							    : sizeof(r.comm);

	return (struct fb_trace_format){
		.id = f->id,
		.dev = {offsetof(struct fb_program_record, dev), sizeof(r.dev)},
		.sector = {offsetof(struct fb_program_record, sector),
			   sizeof(r.sector)},
		.nr_sector = {offsetof(struct fb_program_record, sectors),
			      sizeof(r.sectors)},
		.rwbs = {offsetof(struct fb_program_record, rwbs), rwbs},
		.comm = {offsetof(struct fb_program_record, comm), comm},
	};
}

/* What it returns lets perf go on, for others who look at the same tracepoint. */
static void finish(struct fb_program *p)
{
	const unsigned end = p->n;

	for (unsigned i = 0; i < end && i < FB_PROGRAM_MAX; i++) {
		const uint8_t class = BPF_CLASS(p->code[i].code);

		if ((class == BPF_JMP || class == BPF_JMP32) &&
		    p->code[i].off == TO_END)
			p->code[i].off = (int16_t)(end - i - 1);
	}
	set(p, RESULT, 1);
	emit(p, (struct bpf_insn){.code = BPF_JMP | BPF_EXIT});
}

int fb_program_make(struct fb_program *out, const struct fb_program_of *of)
{
	int ret;

	out->n = 0;
	ret = match_disks(out, of);
	if (ret)
		return ret;
	point(out, BPF_PSEUDO_MAP_VALUE, of->state_fd);
	load(out, BPF_DW, BPF_REG_1, offsetof(struct fb_program_state, recording));
	jump(out, BPF_JEQ, BPF_REG_1, 0, TO_END);
	leave_out_empty(out, of);
	reserve(out, of);
	ret = put_fields(out, of);
	if (ret)
		return ret;
	copy(out, BPF_REG_1, RECORD);
	set(out, BPF_REG_2, BPF_RB_NO_WAKEUP);
	call(out, BPF_FUNC_ringbuf_submit);
	finish(out);
	return out->n > FB_PROGRAM_MAX ? -E2BIG : 0;
}
