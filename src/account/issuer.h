/*
 * issuer.h - who a task is: this process, the kernel, or somebody else
 */
#ifndef FB_ACCOUNT_ISSUER_H
#define FB_ACCOUNT_ISSUER_H

#include "account/requests.h"

#include <stdbool.h>

enum { FB_ISSUERS_SEEN = 256 };

/*
 * struct fb_issuers - those seen so far; all zero is none
 * @self: this process; 0: not asked yet
 */
struct fb_issuers {
	int self;
	struct {
		int pid;
		enum fb_issuer who;
	} seen[FB_ISSUERS_SEEN];
};

/* fb_issuers_reset - forget them: a number may be another's by now */
void fb_issuers_reset(struct fb_issuers *i);

/*
 * fb_issuer_of - who handed over the bio of a FB_BLOCK_QUEUE
 * @ctx: a struct fb_issuers
 *
 * Self by the process, so its threads too, those of io_uring among them; a child of it
 * is somebody else. Kernel threads are known by PF_KTHREAD in /proc/<pid>/stat, which
 * is read once for each process. Of a task that has no such file any more, or that
 * cannot be seen from this pid namespace (pid 0), only the name is known: those of
 * kernel threads that write have a '/' ("kworker/u8:3", "jbd2/vda-8"), programs' do
 * not.
 */
enum fb_issuer fb_issuer_of(const struct fb_block_event *e, void *ctx);

/* fb_issuer_is_kernel_thread - false for one that is gone or cannot be seen from here
 */
bool fb_issuer_is_kernel_thread(int pid);

#endif
