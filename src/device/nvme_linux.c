#include "device/nvme.h"

#include <dlfcn.h>
#include <errno.h>
#include <libnvme.h>
#include <stdio.h>
#include <string.h>

static __typeof__(&nvme_get_log) get_log;
static __typeof__(&nvme_identify) identify;

/* What libnvme returns: -1 with errno, or the word of the drive. */
static int as_errno(int ret)
{
	if (ret < 0)
		return errno ? -errno : -EIO;
	return ret ? -EREMOTEIO : 0;
}

static int ask_log(int fd, unsigned page, void *to)
{
	struct nvme_get_log_args args = {
		.args_size = sizeof(args),
		.fd = fd,
		.timeout = NVME_DEFAULT_IOCTL_TIMEOUT,
		.lid = (enum nvme_cmd_get_log_lid)page,
		.nsid = NVME_NSID_ALL,
		.csi = NVME_CSI_NVM,
		.lsi = NVME_LOG_LSI_NONE,
		.lsp = NVME_LOG_LSP_NONE,
		.uuidx = NVME_UUID_NONE,
		/* An event that waits is for whoever asked for it. */
		.rae = true,
		.log = to,
		.len = FB_NVME_LOG_BYTES,
	};

	errno = 0;
	return as_errno(get_log(&args));
}

static int ask_identity(int fd, void *to)
{
	struct nvme_identify_args args = {
		.args_size = sizeof(args),
		.fd = fd,
		.timeout = NVME_DEFAULT_IOCTL_TIMEOUT,
		.cns = NVME_IDENTIFY_CNS_CTRL,
		.csi = NVME_CSI_NVM,
		.cntid = NVME_CNTLID_NONE,
		.cns_specific_id = NVME_CNSSPECID_NONE,
		.uuidx = NVME_UUID_NONE,
		.data = to,
	};

	errno = 0;
	return as_errno(identify(&args));
}

static void read_version(void *library, struct fb_nvme *out)
{
	void *at = dlsym(library, "nvme_get_version");
	__typeof__(&nvme_get_version) version;

	memcpy(&version, &at, sizeof(at));
	snprintf(out->version, sizeof(out->version), "%s",
		 at ? version(NVME_VERSION_PROJECT) : "1");
}

int fb_nvme_open(const char *name, struct fb_nvme *out)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	void *log, *id;

	if (!library)
		return -ENOENT;
	log = dlsym(library, "nvme_get_log");
	id = dlsym(library, "nvme_identify");
	if (!log || !id) {
		dlclose(library);
		return -ENOSYS;
	}
	/* C has no cast from an object's pointer to a function's. */
	memcpy(&get_log, &log, sizeof(log));
	memcpy(&identify, &id, sizeof(id));
	out->log = ask_log;
	out->identify = ask_identity;
	read_version(library, out);
	return 0;
}
