/*
 * cache_note.h - what is owed to a disk whose cache was switched off
 *
 * One file a disk under FB_NOTE_DIR. Whoever makes, judges or pays one holds the
 * folder's lock; a guardian removes its own without it.
 */
#ifndef FB_DEVICE_CACHE_NOTE_H
#define FB_DEVICE_CACHE_NOTE_H

#include "device/device.h"

#include <sys/types.h>

#define FB_NOTE_PARENT "/run"
#define FB_NOTE_DIR    FB_NOTE_PARENT "/flushbench"
#define FB_NOTE_PREFIX "write_cache-"

enum { FB_NOTE_PATH = 64, FB_CACHE_WORD = 32 };

/*
 * struct fb_cache_note
 * @diskseq:  the disk's sequence number: another one, another disk; 0 before 5.15
 * @was:      what queue/write_cache said
 * @run:      the process that switched it off
 * @guardian: the process that will restore it, @guardian_start its start time in
 *            ticks since boot, which tells it from a later one of the same id
 */
struct fb_cache_note {
	char disk[FB_DISK_NAME];
	unsigned dev_major, dev_minor;
	uint64_t diskseq;
	char was[FB_CACHE_WORD];
	pid_t run;
	pid_t guardian;
	uint64_t guardian_start;
};

/*
 * fb_note_lock - a descriptor holding the folder's lock, or a negative errno
 * @make: make the folder when it is not there, else -ENOENT
 */
int fb_note_lock(bool make);
void fb_note_unlock(int fd);

void fb_note_path(char out[FB_NOTE_PATH], unsigned dev_major, unsigned dev_minor);

/* fb_note_writable - may we leave notes? 0 or a negative errno */
int fb_note_writable(void);

/* fb_note_create - whole or not at all; -EEXIST when the disk has one */
int fb_note_create(const struct fb_cache_note *n);

/* fb_note_read - 0, -ENOENT, or -EBADMSG when the file is no note */
int fb_note_read(struct fb_cache_note *out, const char *path);

/* fb_note_guarded - is the guardian alive? */
bool fb_note_guarded(const struct fb_cache_note *n);

/*
 * fb_note_taken - is something owed to @d already?
 *
 * 0; -EBUSY with @err saying whose process has it switched off or was killed; or
 * what fb_note_read said of the note.
 */
int fb_note_taken(const struct fb_disk *d, struct fb_err *err);

/* fb_process_start - start time in ticks since boot; 0 for none or a dead one */
uint64_t fb_process_start(pid_t pid);

/* fb_disk_seq - 0 when unknown */
uint64_t fb_disk_seq(unsigned dev_major, unsigned dev_minor);

/*
 * fb_cache_word_open - the queue/write_cache file of a whole disk
 *
 * A descriptor or a negative errno.
 */
int fb_cache_word_open(unsigned dev_major, unsigned dev_minor);

/* fb_cache_word_get - its word, newline removed */
int fb_cache_word_get(int fd, char out[FB_CACHE_WORD]);

/* fb_cache_word_set - write it and see it taken, else -EIO; safe in a signal
 * handler, as is fb_cache_word_get */
int fb_cache_word_set(int fd, const char *word);

#endif
