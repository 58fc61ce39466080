#include "nt/process.h"

#include "nt/handle.h"
#include "nt/objects.h"
#include "nt/status.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct process {
	struct fb_nt_object o;
	int fd;
	int pid;
};

static void release(struct fb_nt_object *o)
{
	struct process *p = (struct process *)o;

	close(p->fd);
	free(p);
}

static NTSTATUS told_pid(int err)
{
	if (err == ESRCH)
		return fb_nt_told_as(STATUS_INVALID_PARAMETER, err);
	if (err == ENOSYS)
		return fb_nt_told_as(STATUS_NOT_SUPPORTED, err);
	return fb_nt_told_name(err);
}

NTSTATUS fb_nt_open_process(int pid, HANDLE *out)
{
	struct process *p = calloc(1, sizeof(*p));
	NTSTATUS status;

	if (!p)
		return fb_nt_told_as(STATUS_INSUFFICIENT_RESOURCES, ENOMEM);
	p->o.type = FB_NT_OBJECT_PROCESS;
	p->o.release = release;
	p->pid = pid;
	p->fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (p->fd < 0) {
		status = told_pid(errno);
		goto out_free;
	}
	status = fb_nt_object_add(&p->o, out);
	if (status)
		goto out_close;
	return STATUS_SUCCESS;

out_close:
	close(p->fd);
out_free:
	free(p);
	return status;
}

static bool has_exited(const struct process *p)
{
	struct pollfd exited = {.fd = p->fd, .events = POLLIN};

	return poll(&exited, 1, 0) > 0;
}

NTSTATUS fb_nt_process_check(HANDLE process)
{
	struct fb_nt_object *o;
	struct process *p;
	NTSTATUS status;

	if (process == NtCurrentProcess())
		return STATUS_SUCCESS;
	status = fb_nt_object_get(process, FB_NT_OBJECT_PROCESS, &o);
	if (status == STATUS_OBJECT_TYPE_MISMATCH)
		return fb_nt_told(STATUS_ACCESS_DENIED);
	if (status)
		return status;
	p = (struct process *)o;
	/* In that order: after a fork our parent's number may be anyone's once it died.
	 */
	if (has_exited(p))
		status = fb_nt_told(STATUS_PROCESS_IS_TERMINATING);
	else if (p->pid != getpid())
		status = fb_nt_told(STATUS_ACCESS_DENIED);
	fb_nt_object_put(o);
	return status;
}
