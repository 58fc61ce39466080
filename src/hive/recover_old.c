#include "hive/log_old.h"
#include "hive/recover.h"

#include <string.h>

const struct fb_log_file *fb_old_find(const struct fb_logs *logs, uint64_t time)
{
	const struct fb_log_file *found = NULL;

	for (int i = 0; i < 2; i++) {
		const struct fb_log_file *l = &logs->log[i];
		struct fb_log_old read;
		const char *why;

		if (!l->good || l->base.time != time ||
		    !fb_log_old_read(&read, l->data, l->bytes, &why))
			continue;
		if (!found || fb_sequence_before(found->base.seq1, l->base.seq1))
			found = l;
	}
	return found;
}

int fb_old_apply(struct fb_hive *h, const struct fb_log_file *l)
{
	struct fb_hive_recovery *r = &h->recovery;
	struct fb_log_old old;
	uint32_t offset, bytes;
	const void *data;
	const char *why;
	int ret = fb_recover_extent(h, l->base.bins, l->bytes);

	if (!ret)
		ret = fb_bins_resize(&h->bins, l->base.bins);
	if (!ret)
		ret = fb_pages_reserve(&h->unreconciled, l->base.bins / FB_REGF_PAGE);
	if (ret || !fb_log_old_read(&old, l->data, l->bytes, &why))
		return ret;
	while ((data = fb_log_old_run(&old, &offset, &bytes))) {
		memcpy(h->bins.at + offset, data, bytes);
		fb_pages_add(&h->unreconciled, offset / FB_REGF_PAGE,
			     (offset + bytes - 1) / FB_REGF_PAGE);
	}
	r->old_format = true;
	r->first = l->base.seq1;
	r->last = l->base.seq1;
	r->entries = 1;
	r->logs = 1;
	return 0;
}
