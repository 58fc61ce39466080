#include "nt/key_lock.h"

int fb_nt_key_lock_init(struct fb_nt_key_lock *l)
{
	pthread_rwlockattr_t kind;
	int err;

	atomic_init(&l->tickets, 0);
	l->flushed = l->waiting = l->passing = 0;
	pthread_rwlockattr_init(&kind);
	/* glibc's default lets queries that overlap keep a change out for ever. */
	pthread_rwlockattr_setkind_np(&kind,
				      PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	err = pthread_rwlock_init(&l->tree, &kind);
	pthread_rwlockattr_destroy(&kind);
	if (err)
		return -err;
	err = pthread_mutex_init(&l->mutex, NULL);
	if (err)
		goto out_tree;
	err = pthread_cond_init(&l->changes, NULL);
	if (err)
		goto out_mutex;
	err = pthread_cond_init(&l->flushes, NULL);
	if (err)
		goto out_changes;
	return 0;

out_changes:
	pthread_cond_destroy(&l->changes);
out_mutex:
	pthread_mutex_destroy(&l->mutex);
out_tree:
	pthread_rwlock_destroy(&l->tree);
	return -err;
}

void fb_nt_key_lock_destroy(struct fb_nt_key_lock *l)
{
	pthread_cond_destroy(&l->flushes);
	pthread_cond_destroy(&l->changes);
	pthread_mutex_destroy(&l->mutex);
	pthread_rwlock_destroy(&l->tree);
}

void fb_nt_query_begin(struct fb_nt_key_lock *l)
{
	pthread_rwlock_rdlock(&l->tree);
}

void fb_nt_query_end(struct fb_nt_key_lock *l)
{
	pthread_rwlock_unlock(&l->tree);
}

static void wait_for_flush(struct fb_nt_key_lock *l)
{
	const unsigned before = l->flushed;

	l->waiting++;
	while (l->flushed == before)
		pthread_cond_wait(&l->changes, &l->mutex);
	if (!--l->passing)
		pthread_cond_broadcast(&l->flushes);
}

void fb_nt_change_begin(struct fb_nt_key_lock *l)
{
	pthread_mutex_lock(&l->mutex);
	if (atomic_load(&l->tickets) != l->flushed)
		wait_for_flush(l);
	pthread_rwlock_wrlock(&l->tree);
}

void fb_nt_change_end(struct fb_nt_key_lock *l)
{
	pthread_rwlock_unlock(&l->tree);
	pthread_mutex_unlock(&l->mutex);
}

void fb_nt_flush_begin(struct fb_nt_key_lock *l)
{
	/* Announced before the mutex is had: changes in a tight loop then let go. */
	const unsigned ticket = atomic_fetch_add(&l->tickets, 1);

	pthread_mutex_lock(&l->mutex);
	while (l->flushed != ticket || l->passing)
		pthread_cond_wait(&l->flushes, &l->mutex);
	pthread_mutex_unlock(&l->mutex);
}

void fb_nt_flush_end(struct fb_nt_key_lock *l)
{
	pthread_mutex_lock(&l->mutex);
	l->flushed++;
	l->passing = l->waiting;
	l->waiting = 0;
	pthread_cond_broadcast(&l->changes);
	pthread_cond_broadcast(&l->flushes);
	pthread_mutex_unlock(&l->mutex);
}
