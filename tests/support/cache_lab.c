#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cache_lab.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

struct cache_lab cache_lab;

void cache_lab_attach(struct disk *d, const char *name)
{
	assert_int_equal(disk_attach(d, cache_lab.folder, name, MIB), 0);
}

static void wait_for(pid_t *pid)
{
	if (*pid > 0)
		waitpid(*pid, NULL, 0);
	*pid = 0;
}

int cache_lab_enter(void **state)
{
	(void)state;
	if (tmpdir_make(cache_lab.folder))
		return -1;
	if (!disk_can_run())
		return 0;
	cache_lab_attach(&cache_lab.a, "a");
	assert_int_equal(fb_device_resolve(cache_lab.a.dev, &cache_lab.d, NULL), 0);
	fb_note_path(cache_lab.note, cache_lab.d.disks[0].dev_major,
		     cache_lab.d.disks[0].dev_minor);
	return 0;
}

void cache_lab_note_of(const struct disk *disk, char note[FB_NOTE_PATH])
{
	struct stat st;

	*note = '\0';
	if (disk->name && !stat(disk->dev, &st))
		fb_note_path(note, major(st.st_rdev), minor(st.st_rdev));
}

void cache_lab_forget(const struct disk *disk)
{
	char note[FB_NOTE_PATH];

	cache_lab_note_of(disk, note);
	if (*note)
		unlink(note);
}

void cache_lab_kill_guardian(const char *note)
{
	struct fb_cache_note n;

	assert_int_equal(fb_note_read(&n, note), 0);
	kill(n.guardian, SIGKILL);
	for (int i = 0; i < 5000 && fb_note_guarded(&n); i++)
		usleep(1000);
	assert_false(fb_note_guarded(&n));
}

int cache_lab_leave(void **state)
{
	(void)state;
	fb_cache_off_end(cache_lab.off, NULL);
	if (cache_lab.run > 0)
		kill(cache_lab.run, SIGKILL);
	wait_for(&cache_lab.run);
	if (cache_lab.child > 0)
		kill(cache_lab.child, SIGKILL);
	/* Guardians whose run was killed are handed to us: none may be left. */
	for (int i = 0; waitpid(-1, NULL, WNOHANG) >= 0 && i < 5000; i++)
		usleep(1000);
	if (*cache_lab.note)
		unlink(cache_lab.note);
	cache_lab_forget(&cache_lab.b);
	disk_detach(&cache_lab.a);
	disk_detach(&cache_lab.b);
	tmpdir_remove(cache_lab.folder);
	memset(&cache_lab, 0, sizeof(cache_lab));
	return 0;
}

void cache_lab_need(void)
{
	if (!cache_lab.a.name)
		skip();
}

bool cache_lab_is(const struct disk *d, const char *word)
{
	char now[32];

	return !disk_queue_get(d, "write_cache", now, sizeof(now)) &&
	       !strcmp(now, word);
}

bool cache_lab_becomes(const struct disk *d, const char *word)
{
	for (int i = 0; i < 5000 && !cache_lab_is(d, word); i++)
		usleep(1000);
	return cache_lab_is(d, word);
}

bool cache_lab_note_vanishes(void)
{
	for (int i = 0; i < 5000 && !access(cache_lab.note, F_OK); i++)
		usleep(1000);
	return access(cache_lab.note, F_OK) != 0;
}

void cache_lab_begin(void)
{
	struct fb_err err;

	if (fb_cache_off_begin(&cache_lab.off, &cache_lab.d, &err))
		fail_msg("%s", err.text);
}

int cache_lab_end(void)
{
	struct fb_cache_off *off = cache_lab.off;

	cache_lab.off = NULL;
	return fb_cache_off_end(off, NULL);
}

static _Noreturn void run(int ready, bool with_child)
{
	pid_t child = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fb_cache_off_begin(&cache_lab.off, &cache_lab.d, NULL))
		_exit(1);
	if (with_child)
		child = fork();
	if (with_child && !child) {
		alarm(60);
		pause();
	}
	if (write(ready, &child, sizeof(child)) == sizeof(child))
		pause();
	_exit(1);
}

void cache_lab_start_run(bool with_child)
{
	ssize_t got;
	int ready[2];

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	cache_lab.run = fork();
	if (!cache_lab.run)
		run(ready[1], with_child);
	close(ready[1]);
	got = read(ready[0], &cache_lab.child, sizeof(cache_lab.child));
	close(ready[0]);
	assert_int_equal(got, (int)sizeof(cache_lab.child));
}

void cache_lab_kill_run(void)
{
	kill(cache_lab.run, SIGKILL);
	wait_for(&cache_lab.run);
}

void cache_lab_adopt(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}
