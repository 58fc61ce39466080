#include "hive/check_walk.h"

/* Self-relative SECURITY_DESCRIPTOR, ACL, ACE and SID, as MS-DTYP 2.4 has them. */
enum {
	SD_CONTROL = 2,
	SD_OWNER = 4,
	SD_GROUP = 8,
	SD_SACL = 12,
	SD_DACL = 16,
	SD_HEAD = 20,
	SD_DACL_PRESENT = 0x0004,
	SD_SACL_PRESENT = 0x0010,
	SD_SELF_RELATIVE = 0x8000,
	ACL_SIZE = 2,
	ACL_COUNT = 4,
	ACL_HEAD = 8,
	ACL_REVISION_MIN = 2,
	ACL_REVISION_MAX = 4,
	ACE_SIZE = 2,
	ACE_MASK = 4,
	ACE_SID = 8,
	ACE_GUID = 16,
	SID_HEAD = 8,
	SID_PARTS_MAX = 15,
};

/* struct part - of a descriptor: what lies from @at on, @left bytes in all */
struct part {
	const unsigned char *d;
	uint32_t at, end;
};

static const char *check_sid(const struct part *p)
{
	const unsigned char *sid = p->d + p->at;

	if (p->end - p->at < SID_HEAD)
		return "no room for a SID";
	if (sid[0] != 1)
		return "SID of a revision that is not 1";
	if (sid[1] > SID_PARTS_MAX)
		return "SID of more than 15 parts";
	if (p->end - p->at < SID_HEAD + 4U * sid[1])
		return "SID that goes past its end";
	return NULL;
}

/* Where an entry has its SID; 0: it is of a type that need not have one. */
static uint32_t sid_of(const unsigned char *ace)
{
	uint32_t flags;

	switch (ace[0]) {
	case 0x00: /* allow, deny, audit, alarm */
	case 0x01:
	case 0x02:
	case 0x03:
	case 0x09: /* the same with a condition */
	case 0x0A:
	case 0x0D:
	case 0x0E:
	case 0x11: /* label, attribute, policy, trust */
	case 0x12:
	case 0x13:
	case 0x14:
		return ACE_SID;
	case 0x05: /* of an object: one GUID, two or none before it */
	case 0x06:
	case 0x07:
	case 0x08:
	case 0x0B:
	case 0x0C:
	case 0x0F:
	case 0x10:
		flags = fb_get32(ace + ACE_SID);
		return ACE_SID + 4 + (flags & 1 ? ACE_GUID : 0) +
		       (flags & 2 ? ACE_GUID : 0);
	default:
		return 0;
	}
}

static const char *check_ace(struct part *p)
{
	uint32_t size, sid;

	if (p->end - p->at < ACE_SID)
		return "entry of an ACL that goes past its end";
	size = fb_get16(p->d + p->at + ACE_SIZE);
	if (size < ACE_SID || size % 4 || size > p->end - p->at)
		return "entry of an ACL with a wrong size";
	sid = size >= ACE_SID + 4 ? sid_of(p->d + p->at) : 0;
	if (sid) {
		struct part s = {p->d, p->at + sid, p->at + size};
		const char *wrong = sid > size
					    ? "entry of an ACL without room for a SID"
					    : check_sid(&s);

		if (wrong)
			return wrong;
	}
	p->at += size;
	return NULL;
}

static const char *check_acl(struct part *p)
{
	const unsigned char *acl = p->d + p->at;
	const char *wrong = NULL;
	uint32_t size, count;

	if (p->end - p->at < ACL_HEAD)
		return "no room for an ACL";
	if (acl[0] < ACL_REVISION_MIN || acl[0] > ACL_REVISION_MAX)
		return "ACL of a revision that is not 2 to 4";
	size = fb_get16(acl + ACL_SIZE);
	count = fb_get16(acl + ACL_COUNT);
	if (size < ACL_HEAD || size > p->end - p->at)
		return "ACL with a wrong size";
	p->end = p->at + size;
	p->at += ACL_HEAD;
	for (uint32_t i = 0; !wrong && i < count; i++)
		wrong = check_ace(p);
	return wrong;
}

static const char *check_part(struct part *p, uint32_t field, bool is_acl)
{
	uint32_t at = fb_get32(p->d + field);

	p->at = field;
	if (!at)
		return NULL;
	if (at < SD_HEAD || at >= p->end)
		return "an offset in it leads outside";
	p->at = at;
	return is_acl ? check_acl(p) : check_sid(p);
}

const char *fb_check_descriptor(const unsigned char *d, uint32_t bytes, uint32_t *at)
{
	static const struct {
		uint32_t field;
		unsigned present;
	} parts[] = {
		{SD_OWNER, 0},
		{SD_GROUP, 0},
		{SD_SACL, SD_SACL_PRESENT},
		{SD_DACL, SD_DACL_PRESENT},
	};
	unsigned control;

	*at = 0;
	if (bytes < SD_HEAD)
		return "shorter than its header of 20 bytes";
	if (d[0] != 1)
		return "its revision is not 1";
	control = fb_get16(d + SD_CONTROL);
	*at = SD_CONTROL;
	if (!(control & SD_SELF_RELATIVE))
		return "it is not self-relative";
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct part p = {d, 0, bytes};
		const char *wrong = NULL;

		if (!parts[i].present || control & parts[i].present)
			wrong = check_part(&p, parts[i].field, parts[i].present);
		*at = p.at;
		if (wrong)
			return wrong;
	}
	return NULL;
}
