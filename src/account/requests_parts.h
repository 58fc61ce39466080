/*
 * requests_parts.h - what the files of requests share
 *
 * Private to them and their tests.
 */
#ifndef FB_ACCOUNT_REQUESTS_PARTS_H
#define FB_ACCOUNT_REQUESTS_PARTS_H

#include "account/requests.h"
#include "stats/hist.h"

/* The classes of io.csv, in the order of FB_DEV_RQ_DATA and what follows it. */
enum fb_rq_class {
	FB_RQ_DATA,
	FB_RQ_JOURNAL,
	FB_RQ_METADATA,
	FB_RQ_FLUSH,
	FB_RQ_READ,
	FB_RQ_DISCARD,
	FB_RQ_OTHER,
	FB_RQ_CLASSES,
};

enum fb_rq_op {
	FB_RQ_OP_READ,
	FB_RQ_OP_WRITE,
	FB_RQ_OP_DISCARD,
	FB_RQ_OP_FLUSH,
	FB_RQ_OPS,
};

/* FB_RQ_NO_TIME: its issue or its answer was not seen */
#define FB_RQ_NO_TIME UINT64_MAX
/* FB_RQ_NO_OP: nor in which op it went to its disk */
#define FB_RQ_NO_OP UINT64_MAX

/*
 * struct fb_marks - what a bio says of itself, apart from its place
 * @klass: journal, metadata or other
 * @perhaps_journal: metadata, unless it lies among what is surely journal
 * @surely_journal:  so that the journal lies there
 */
struct fb_marks {
	uint8_t klass;
	bool perhaps_journal;
	bool surely_journal;
};

/*
 * fb_marks_of - by the rule of a file system
 * @fs:   as of the mount
 * @comm: of the task that handed it over, "" when that was not seen
 */
struct fb_marks fb_marks_of(const char *fs, uint32_t flags, const char *comm);

/*
 * struct fb_span - a bio that waits for its request, or a request of which no whole
 * answer was seen; sectors
 * @begin, @end: what of it is still to come
 * @first:   where it began
 * @done:    answered of it
 * @left:    not answered of @begin to @end
 * @time_ns: of its event
 * @born:    which one of its list it was, from 1; 0: of none yet
 * @op:      what it does
 * @asked:   flags of the bio; @told: of the request
 * @op_no:   of the op in which it went to its disk
 * @named:   @issuer, @asked and @marks are a bio's; false: none was seen
 */
struct fb_span {
	uint64_t begin, end;
	uint64_t first;
	uint64_t done;
	uint64_t left;
	uint64_t time_ns;
	uint64_t born;
	uint64_t op_no;
	uint32_t asked;
	uint32_t told;
	uint8_t disk;
	uint8_t op;
	uint8_t issuer;
	bool named;
	struct fb_marks marks;
};

enum { FB_SPANS_MAX = 4096 };

/*
 * struct fb_spans - by disk, place and age; all zero is none
 * @born:    so many there were
 * @longest: of each operation none was longer
 * @order:   where in @list they stand, which is the rest of their @born
 */
struct fb_spans {
	size_t n;
	uint64_t born;
	uint64_t longest[FB_RQ_OPS];
	uint16_t order[FB_SPANS_MAX];
	struct fb_span list[FB_SPANS_MAX];
};

/* fb_spans_at - the one at @i, which is < @s->n */
static inline struct fb_span *fb_spans_at(struct fb_spans *s, size_t i)
{
	return &s->list[s->order[i]];
}

/* fb_spans_clear - none; but the next ones are younger than all there were */
void fb_spans_clear(struct fb_spans *s);

/*
 * fb_spans_add - one more, in a place of its own
 * @gone: it had that place: FB_SPANS_MAX came after it
 *
 * Was there one that had to go? Where @one's @born is 0 it is the youngest; else it is
 * one that was taken out before, and no other has come since.
 */
bool fb_spans_add(struct fb_spans *s, const struct fb_span *one, struct fb_span *gone);

/* fb_spans_remove - the one at @i, which is < @s->n */
void fb_spans_remove(struct fb_spans *s, size_t i);

/* fb_spans_from - the first that begins at a sector of a disk or behind it */
size_t fb_spans_from(const struct fb_spans *s, unsigned disk, uint64_t sector);

/*
 * fb_spans_youngest - of those that hold a sector or begin there
 * @what: its disk, operation and begin; a flush begins at 0
 *
 * Its index, or @s->n. Where very many lie there only the nearest are looked at.
 */
size_t fb_spans_youngest(const struct fb_spans *s, const struct fb_span *what);

/*
 * fb_spans_cut - take what lies within @range, of its disk and operation; what sticks
 * out stays
 * @first: the one that lies first, as it was, with what was answered of all
 *
 * Of several that begin at one place the oldest. Was there one?
 */
bool fb_spans_cut(struct fb_spans *s, const struct fb_span *range,
		  struct fb_span *first);

/*
 * struct fb_busy - how long disks were busy with something that began in this op
 * @n: writes and flushes they have; @ns: with no flush but writes, with flushes
 */
struct fb_busy {
	unsigned n[2];
	uint64_t ns[2];
	uint64_t last_ns;
};

enum { FB_BUSY_WRITE, FB_BUSY_FLUSH };

/* fb_busy_step - a disk has one more (@by 1) or one less (@by -1) of @what at @now_ns
 */
void fb_busy_step(struct fb_busy *b, int what, int by, uint64_t now_ns);

/*
 * struct fb_answer - a request that was answered
 * @ns: from issue to answer, or FB_RQ_NO_TIME
 */
struct fb_answer {
	uint64_t sector;
	uint64_t ns;
	uint32_t sectors;
	uint8_t disk;
	uint8_t klass;
	uint8_t issuer;
	bool fua : 1;
	bool perhaps_journal : 1;
};

/* struct fb_answers - those that are judged at the end; all zero is none */
struct fb_answers {
	struct fb_answer *list;
	size_t n;
	size_t room;
};

/* fb_answers_keep - false when there is no room for more */
bool fb_answers_keep(struct fb_answers *a, const struct fb_answer *one);

/* struct fb_rq_count - a row of io.csv */
struct fb_rq_count {
	uint64_t requests, bytes;
};

/*
 * struct fb_requests
 * @bios:     handed over, their requests are to come
 * @sent:     requests that went to their disks and were not wholly answered. They are
 *            counted when they are; at the end, or when FB_SPANS_MAX came after them,
 *            all the same
 * @flush:    for each disk: is one wanted, who asked first since the last was issued,
 *            and who asked last of all; writes with FUA to a disk without, so that one
 *            follows, which were not answered, and who asked for the last of them
 * @journal:  for each disk: where sure journal was seen; @end 0: nowhere
 * @seen_ns:  of the latest event
 * @op_no:    this op
 * @op_requests: that went to their disks in this op, less those given back; below 0
 *            what was given back is to come again in a later one
 * @op_torn:  some time of this op's is not known
 */
struct fb_requests {
	struct fb_requests_setup setup;
	struct fb_spans bios;
	struct fb_spans sent;
	struct {
		bool wanted;
		uint8_t first, last;
		unsigned owed;
		uint8_t owed_to;
	} flush[FB_REQUESTS_DISKS_MAX];
	struct {
		uint64_t begin, end;
	} journal[FB_REQUESTS_DISKS_MAX];
	uint64_t seen_ns;
	struct fb_busy busy;
	uint64_t op_no;
	int64_t op_requests;
	bool op_torn;
	struct fb_requests_sum sum;
	struct fb_rq_count count[FB_REQUESTS_DISKS_MAX][FB_RQ_CLASSES][2][FB_ISSUERS];
	struct fb_answers late;
	struct fb_hist *hist[FB_DEV_HISTS];
};

/*
 * fb_rq_is_own     - is it of a disk that the mount sits on?
 * fb_rq_has_none   - does its disk do without requests, so that bios are all there is?
 * fb_rq_owes_flush - does a flush of the kernel's own follow it?
 * fb_rq_span_of    - an event's, as if no bio of it had been seen
 * fb_rq_name       - say for whom and what for a request is: by the bios it is made of,
 *                    which wait no longer
 * fb_rq_want_flush - @by asks its disk for a flush
 */
bool fb_rq_is_own(const struct fb_requests *r, const struct fb_span *s);
bool fb_rq_has_none(const struct fb_requests *r, unsigned disk);
bool fb_rq_owes_flush(const struct fb_requests *r, const struct fb_span *s);
struct fb_span fb_rq_span_of(const struct fb_requests *r,
			     const struct fb_block_event *e, unsigned disk);
void fb_rq_name(struct fb_requests *r, struct fb_span *s);
void fb_rq_want_flush(struct fb_requests *r, const struct fb_span *by);

/*
 * fb_rq_send      - it goes to its disk
 * fb_rq_take_back - its disk has it no longer
 * fb_rq_settle    - count it though no whole answer was seen
 * fb_rq_find_sent - the one an event is about; @r->sent.n: there is none
 */
void fb_rq_send(struct fb_requests *r, const struct fb_span *s);
struct fb_span fb_rq_take_back(struct fb_requests *r, size_t i, uint64_t now_ns);
void fb_rq_settle(struct fb_requests *r, const struct fb_span *s);
size_t fb_rq_find_sent(const struct fb_requests *r, const struct fb_span *s);

/* fb_rq_see_answer, fb_rq_see_bio_done - of a disk with requests, of one without */
void fb_rq_see_answer(struct fb_requests *r, const struct fb_block_event *e,
		      unsigned disk);
void fb_rq_see_bio_done(struct fb_requests *r, const struct fb_block_event *e,
			unsigned disk);

/*
 * fb_rq_op_more  - one request more (@by 1) or less (@by -1) with its disk in this op
 * fb_rq_op_busy  - the same, of its disk's time
 */
void fb_rq_op_more(struct fb_requests *r, const struct fb_span *s, int by);
void fb_rq_op_busy(struct fb_requests *r, const struct fb_span *s, int by,
		   uint64_t now_ns);

/*
 * fb_requests_answered - count it
 * @s: with all of it in @done
 */
void fb_requests_answered(struct fb_requests *r, const struct fb_span *s, uint64_t ns);

/* fb_requests_row - a request of a known class into its row and distribution */
void fb_requests_row(struct fb_requests *r, const struct fb_answer *a);

/* fb_requests_judge - those that were kept for the end */
void fb_requests_judge(struct fb_requests *r);

#endif
