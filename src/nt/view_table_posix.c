#include "nt/nv_token.h"
#include "nt/view_table.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the order of their addresses; views never overlap. */
static struct fb_nt_view **views;
static size_t n_views;
static size_t room;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

/* How many views begin at @at or below. */
static size_t count_up_to(uintptr_t at)
{
	size_t low = 0;
	size_t high = n_views;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (views[mid]->base <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int grow(void)
{
	const size_t more = room ? room * 2 : 64;
	struct fb_nt_view **p = realloc(views, more * sizeof(*p));

	if (!p)
		return -ENOMEM;
	views = p;
	room = more;
	return 0;
}

int fb_nt_view_add(struct fb_nt_view *v)
{
	size_t at;
	int ret = 0;

	pthread_rwlock_wrlock(&lock);
	if (n_views == room)
		ret = grow();
	if (!ret) {
		at = count_up_to(v->base);
		memmove(&views[at + 1], &views[at], (n_views - at) * sizeof(*views));
		views[at] = v;
		n_views++;
		atomic_store(&v->holders, 1);
	}
	pthread_rwlock_unlock(&lock);
	return ret;
}

struct fb_nt_view *fb_nt_view_hold(uintptr_t at)
{
	struct fb_nt_view *v = NULL;
	size_t n;

	pthread_rwlock_rdlock(&lock);
	n = count_up_to(at);
	if (n && at - views[n - 1]->base < views[n - 1]->length) {
		v = views[n - 1];
		atomic_fetch_add(&v->holders, 1);
	}
	pthread_rwlock_unlock(&lock);
	return v;
}

void fb_nt_view_put(struct fb_nt_view *v)
{
	if (atomic_fetch_sub(&v->holders, 1) > 1)
		return;
	close(v->fd);
	free(v);
}

int fb_nt_view_remove(uintptr_t base)
{
	struct fb_nt_view *v = NULL;
	int ret = -ESRCH;
	size_t n;

	/* Unmapped under the lock: a new view may get the address at once. */
	pthread_rwlock_wrlock(&lock);
	n = count_up_to(base);
	if (n && views[n - 1]->base == base) {
		v = views[n - 1];
		fb_nv_token_revoke(v->base, v->length);
		ret = v->unmap((void *)v->base, v->length) ? -errno : 0;
	}
	if (!ret) {
		memmove(&views[n - 1], &views[n], (n_views - n) * sizeof(*views));
		n_views--;
	}
	pthread_rwlock_unlock(&lock);
	if (!ret)
		fb_nt_view_put(v);
	return ret;
}
