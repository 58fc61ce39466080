/*
 * key_lock.h - who may touch a loaded hive, and when
 *
 * Three kinds: queries go on beside each other and beside a flush; a change excludes
 * all but itself; a flush excludes changes and other flushes. Flushes come in the
 * order they were asked for. While one waits, new changes queue behind it; all that
 * queued go before the next flush. So neither side can starve the other, as a plain
 * mutex would let a tight loop of changes do, and changes alone pass each other as
 * freely as with one.
 */
#ifndef FB_NT_KEY_LOCK_H
#define FB_NT_KEY_LOCK_H

#include <pthread.h>
#include <stdatomic.h>

/*
 * struct fb_nt_key_lock - one a hive
 * @mutex:   held through a change; the rest but @tickets is guarded by it
 * @tree:    read by queries, written by changes
 * @tickets: flushes asked for, ever; @flushed of them have ended
 * @waiting: changes that wait for the flush under way or announced
 * @passing: changes that waited for the last one and have not begun
 */
struct fb_nt_key_lock {
	pthread_mutex_t mutex;
	pthread_rwlock_t tree;
	pthread_cond_t changes;
	pthread_cond_t flushes;
	atomic_uint tickets;
	unsigned flushed;
	unsigned waiting;
	unsigned passing;
};

/* fb_nt_key_lock_init - 0 or a negative errno */
int fb_nt_key_lock_init(struct fb_nt_key_lock *l);
void fb_nt_key_lock_destroy(struct fb_nt_key_lock *l);

void fb_nt_query_begin(struct fb_nt_key_lock *l);
void fb_nt_query_end(struct fb_nt_key_lock *l);

void fb_nt_change_begin(struct fb_nt_key_lock *l);
void fb_nt_change_end(struct fb_nt_key_lock *l);

void fb_nt_flush_begin(struct fb_nt_key_lock *l);
void fb_nt_flush_end(struct fb_nt_key_lock *l);

#endif
