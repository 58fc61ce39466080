#include "nt/nt.h"
#include "nt/nv_token.h"
#include "nt/probe.h"
#include "nt/status.h"
#include "nt/view_table.h"

#include <errno.h>

static NTSTATUS check_view(const struct fb_nt_view *v, uintptr_t base, size_t length,
			   bool emulated)
{
	if (length > v->length - (base - v->base))
		return fb_nt_told(STATUS_INFO_LENGTH_MISMATCH);
	if (!v->nv && !emulated)
		return fb_nt_told(STATUS_NOT_SUPPORTED);
	if (!v->writable)
		return fb_nt_told(STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

static NTSTATUS choose_cpu(struct fb_nv_token *t, enum fb_nt_nv_flush how)
{
	if (how == FB_NT_NV_AUTO && t->granularity == FB_NT_NV_BYTE)
		how = FB_NT_NV_NONE;
	if (fb_nv_cpu_get(how, &t->cpu))
		return fb_nt_told_as(STATUS_NOT_SUPPORTED, EOPNOTSUPP);
	return STATUS_SUCCESS;
}

/* Unmapped between the look at the view and the token's birth: nobody revoked it. */
static NTSTATUS add_token(const struct fb_nv_token *t, const struct fb_nt_view *v,
			  PVOID *out)
{
	struct fb_nt_view *now;
	PVOID token;
	NTSTATUS status = fb_nv_token_add(t, &token);
	bool there;

	if (status)
		return status;
	now = fb_nt_view_hold(t->base);
	there = now == v;
	if (now)
		fb_nt_view_put(now);
	if (!there) {
		fb_nv_token_remove(token);
		return fb_nt_told(STATUS_INFO_LENGTH_MISMATCH);
	}
	*out = token;
	return STATUS_SUCCESS;
}

static NTSTATUS grant(void *base, size_t length, bool emulated, PVOID *out)
{
	struct fb_nv_token t = {.base = (uintptr_t)base, .length = length};
	struct fb_nt_view *v;
	NTSTATUS status;

	if (!length || length > UINTPTR_MAX - t.base ||
	    !fb_nt_probe_write(out, sizeof(*out)))
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	v = fb_nt_view_hold(t.base);
	if (!v)
		return fb_nt_told(STATUS_INFO_LENGTH_MISMATCH);
	status = check_view(v, t.base, length, emulated);
	t.granularity = emulated ? FB_NT_NV_PAGE : v->granularity;
	if (!status)
		status = choose_cpu(&t, FB_NT_NV_AUTO);
	if (!status)
		status = add_token(&t, v, out);
	fb_nt_view_put(v);
	return status;
}

NTSTATUS NTAPI RtlGetNonVolatileToken(PVOID NvBuffer, SIZE_T Size, PVOID *NvToken)
{
	return grant(NvBuffer, Size, false, NvToken);
}

NTSTATUS fb_nt_emulate_nv_token(void *base, size_t length, PVOID *token)
{
	return grant(base, length, true, token);
}

NTSTATUS NTAPI RtlFreeNonVolatileToken(PVOID NvToken)
{
	if (!fb_nv_token_remove(NvToken))
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

NTSTATUS fb_nt_choose_nv_flush(PVOID token, enum fb_nt_nv_flush how)
{
	struct fb_nv_token t;
	NTSTATUS status;

	if (!fb_nv_token_get(token, &t))
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	status = choose_cpu(&t, how);
	if (!status && !fb_nv_token_set_cpu(token, t.cpu))
		status = fb_nt_told(STATUS_INVALID_PARAMETER);
	return status;
}

NTSTATUS fb_nt_query_nv_token(PVOID token, struct fb_nt_nv_info *out)
{
	struct fb_nv_token t;

	if (!fb_nv_token_get(token, &t))
		return fb_nt_told(STATUS_INVALID_PARAMETER);
	*out = (struct fb_nt_nv_info){
		.base = t.base,
		.length = t.length,
		.granularity = t.granularity,
		.emulated = t.granularity == FB_NT_NV_PAGE,
		.flush = t.cpu->how,
		.flush_name = t.cpu->name,
		.stream_name = t.cpu->stream_name,
		.line = t.cpu->line,
	};
	return STATUS_SUCCESS;
}
