#include "support/perf_judge.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECTOR = 512, MINOR_BITS = 20 };

const char *perf_missing(void)
{
	if (geteuid() != 0)
		return "perf sees the disks of others only as root";
	if (system("perf --version >/dev/null 2>&1"))
		return "there is no perf that works; run scripts/deps.sh check";
	return NULL;
}

static void become_perf(const struct perf_judge *j, int control, int answers,
			const char *filter)
{
	char told[64];
	int quiet = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(told, sizeof(told), "fd:%d,%d", control, answers);
	dup2(quiet, 0);
	dup2(quiet, 1);
	dup2(quiet, 2);
	execlp("perf", "perf", "record", "-q", "-a", "-m", "4M", "-D", "-1",
	       "--control", told, "-o", j->data, "-e", "block:block_rq_issue",
	       "--filter", filter, "-e", "block:block_bio_queue", "--filter", filter,
	       (char *)NULL);
	_exit(127);
}

/* perf ends its lines with a zero as well. */
static bool acknowledged(FILE *answers)
{
	char line[16] = "";
	size_t n = 0;
	int c;

	while ((c = getc(answers)) != EOF && c != '\n')
		if (c && n < sizeof(line) - 1)
			line[n++] = (char)c;
	return !strcmp(line, "ack");
}

static int say(struct perf_judge *j, const char *word)
{
	if (fprintf(j->control, "%s\n", word) < 0 || fflush(j->control))
		return -EPIPE;
	return acknowledged(j->answers) ? 0 : -EPROTO;
}

int perf_start(struct perf_judge *j, const char *folder, unsigned dev_major,
	       unsigned dev_minor)
{
	int to[2], from[2];
	char filter[64];
	int ret;

	memset(j, 0, sizeof(*j));
	snprintf(filter, sizeof(filter), "dev == %u",
		 dev_major << MINOR_BITS | dev_minor);
	tmpdir_join(j->data, sizeof(j->data), folder, "perf.data");
	/* A perf that died is told by its answers, which it does not give. */
	signal(SIGPIPE, SIG_IGN);
	if (pipe(to) || pipe(from))
		return -errno;
	fcntl(to[1], F_SETFD, FD_CLOEXEC);
	fcntl(from[0], F_SETFD, FD_CLOEXEC);
	j->pid = fork();
	if (!j->pid)
		become_perf(j, to[0], from[1], filter);
	close(to[0]);
	close(from[1]);
	j->control = fdopen(to[1], "w");
	j->answers = fdopen(from[0], "r");
	ret = say(j, "enable");
	if (ret)
		perf_kill(j);
	return ret;
}

static void release(struct perf_judge *j)
{
	fclose(j->control);
	fclose(j->answers);
	j->pid = 0;
}

void perf_kill(struct perf_judge *j)
{
	if (j->pid <= 0)
		return;
	kill(j->pid, SIGKILL);
	waitpid(j->pid, NULL, 0);
	release(j);
}

static void count_issue(const char *rwbs, const char *rest, struct perf_count *out)
{
	const char *place = strstr(rest, ") ");
	unsigned sectors = 0;

	if (!strncmp(rwbs, "FF", 2)) {
		out->flushes++;
		return;
	}
	if (place)
		sscanf(place, ") %*u + %u", &sectors);
	if (sectors && strchr(rwbs, 'W')) {
		out->writes++;
		out->bytes += (uint64_t)sectors * SECTOR;
	}
}

static void count_bio(const char *rwbs, const char *rest, struct perf_count *out)
{
	unsigned sectors = 1;

	sscanf(rest, "%*u + %u", &sectors);
	if (!sectors && rwbs[0] == 'F')
		out->writes++;
}

/* "block:block_rq_issue: 7,0 WS 4096 () 2048 + 8 ..." and "block:block_bio_queue: 7,0
 * FWS 0 + 0 [name]" */
static void count_line(const char *line, struct perf_count *out)
{
	char event[32], rwbs[16];
	int rest = 0;

	if (strstr(line, "LOST")) {
		out->lost++;
		return;
	}
	if (sscanf(line, " block:%31[a-z_]: %*u,%*u %15s %n", event, rwbs, &rest) != 2)
		return;
	if (!strcmp(event, "block_rq_issue"))
		count_issue(rwbs, line + rest, out);
	else if (!strcmp(event, "block_bio_queue"))
		count_bio(rwbs, line + rest, out);
}

static int read_data(const char *data, struct perf_count *out)
{
	char command[TMPDIR_LEN + 128], line[512];
	FILE *f;

	snprintf(command, sizeof(command),
		 "perf script -i '%s' -F event,trace --show-lost-events 2>/dev/null",
		 data);
	f = popen(command, "r");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		count_line(line, out);
	return pclose(f) ? -EIO : 0;
}

int perf_stop(struct perf_judge *j, struct perf_count *out)
{
	int ret = say(j, "disable");

	memset(out, 0, sizeof(*out));
	kill(j->pid, SIGINT);
	waitpid(j->pid, NULL, 0);
	release(j);
	return ret ? ret : read_data(j->data, out);
}
