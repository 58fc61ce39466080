#include "run/burner.h"

#include "run/cpus_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

struct flame {
	struct fb_burner *burner;
	pthread_t id;
	int cpu;
	int ret; /* of its preparations, once it has told */
};

struct fb_burner {
	_Alignas(64) atomic_bool stop; /* read all the time, by all of them */
	_Alignas(64) sem_t told;
	int latency; /* held open, or -1 */
	size_t n;
	struct flame flames[];
};

static int prepare(const struct flame *f)
{
	const struct sched_param p = {0};
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(f->cpu, &one);
	prctl(PR_SET_NAME, "flushbench-burn");
	if (sched_setaffinity(0, sizeof(one), &one))
		return -errno;
	return sched_setscheduler(0, SCHED_IDLE, &p) ? -errno : 0;
}

/* A plain loop: in a virtual machine many pause instructions in a row are what makes
 * the hypervisor take the CPU away. */
static void *burn(void *arg)
{
	struct flame *f = arg;
	const atomic_bool *stop = &f->burner->stop;

	f->ret = prepare(f);
	sem_post(&f->burner->told);
	while (!f->ret && !atomic_load_explicit(stop, memory_order_relaxed))
		;
	return NULL;
}

/* Signals are for the threads that know what to do with them. */
static int create_deaf(struct flame *f)
{
	sigset_t all, was;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	ret = pthread_create(&f->id, NULL, burn, f);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return -ret;
}

static int light(struct fb_burner *b, int cpu, struct fb_err *err)
{
	struct flame *f = &b->flames[b->n];
	int ret;

	f->burner = b;
	f->cpu = cpu;
	ret = create_deaf(f);
	if (ret)
		return fb_err_set(err, ret,
				  "cpu_idle=busy: no thread can be started for CPU %d: "
				  "%s; raise the limit on processes",
				  cpu, strerror(-ret));
	b->n++;
	while (sem_wait(&b->told) && errno == EINTR)
		;
	if (f->ret)
		return fb_err_set(
			err, f->ret,
			"cpu_idle=busy: no thread of class idle on CPU %d: %s; "
			"name other CPUs by cpus_allowed, or use "
			"cpu_idle=allow",
			cpu, strerror(-f->ret));
	return 0;
}

static int usable(const char *cpus, cpu_set_t *set, struct fb_err *err)
{
	const int ret = fb_cpus_usable(cpus, set);

	if (!ret)
		return 0;
	return fb_err_set(
		err, ret,
		"cpus_allowed=%s: none of these CPUs may be used here; name others",
		cpus);
}

static struct fb_burner *make(size_t flames)
{
	const size_t align = _Alignof(struct fb_burner);
	const size_t bytes = sizeof(struct fb_burner) + flames * sizeof(struct flame);
	struct fb_burner *b = aligned_alloc(align, (bytes + align - 1) / align * align);

	if (!b)
		return NULL;
	memset(b, 0, bytes);
	sem_init(&b->told, 0, 0);
	b->latency = -1;
	return b;
}

int fb_burner_spin(struct fb_burner **out, const char *cpus, struct fb_err *err)
{
	struct fb_burner *b;
	cpu_set_t set;
	int ret = usable(cpus, &set, err);

	if (ret)
		return ret;
	b = make((size_t)CPU_COUNT(&set));
	if (!b)
		return fb_err_set(err, -ENOMEM, "out of memory");
	for (int cpu = 0; !ret && cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			ret = light(b, cpu, err);
	if (ret)
		fb_burner_stop(b);
	else
		*out = b;
	return ret;
}

/* Of what an idle CPU may do the first takes no time to end; if that is no polling a
 * promise of no latency is not one of staying awake. */
static bool idle_can_poll(void)
{
	static const char path[] = "/sys/devices/system/cpu/cpu0/cpuidle/state0/name";
	char name[5] = "";
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, name, sizeof(name)) < 0)
		name[0] = '\0';
	close(fd);
	return !memcmp(name, "POLL\n", sizeof(name));
}

/* The promise holds for as long as the file is open. */
static int hold_latency(void)
{
	const int32_t none = 0;
	int fd;

	if (!idle_can_poll())
		return -1;
	fd = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, &none, sizeof(none)) != sizeof(none)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int fb_burner_start(struct fb_burner **out, const char *cpus, struct fb_err *err)
{
	struct fb_burner *b;
	cpu_set_t set;
	int ret = usable(cpus, &set, err);
	int latency;

	if (ret)
		return ret;
	latency = hold_latency();
	if (latency < 0)
		return fb_burner_spin(out, cpus, err);
	b = make(0);
	if (!b) {
		close(latency);
		return fb_err_set(err, -ENOMEM, "out of memory");
	}
	b->latency = latency;
	*out = b;
	return 0;
}

/* Of the usual class again, so that it gets to see the end on a CPU that others use. */
static void put_out(struct flame *f)
{
	const struct sched_param p = {0};

	pthread_setschedparam(f->id, SCHED_OTHER, &p);
	pthread_join(f->id, NULL);
}

void fb_burner_stop(struct fb_burner *b)
{
	if (!b)
		return;
	atomic_store(&b->stop, true);
	for (size_t i = 0; i < b->n; i++)
		put_out(&b->flames[i]);
	if (b->latency >= 0)
		close(b->latency);
	sem_destroy(&b->told);
	free(b);
}
