#include "base/text.h"

#include <ctype.h>
#include <stdbool.h>

static bool is_shown(unsigned code)
{
	/* C1, halves of surrogates, what is no character. */
	if (code < 0xa0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
	    (code & 0xfffe) == 0xfffe)
		return false;
	/* Marks that turn the direction of writing, and ends of line. */
	return !(code >= 0x200e && code <= 0x200f) &&
	       !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2066 && code <= 0x2069);
}

size_t fb_text_character(const char *text)
{
	static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)text;
	size_t n = *s < 0xc0 ? 1 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
	unsigned code = n == 1 ? *s : *s & (0x7fu >> n);

	if (n == 1 || *s >= 0xf8)
		return *s < 0x80 && !iscntrl(*s);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3fu);
	}
	return code >= least[n] && is_shown(code) ? n : 0;
}

char *fb_text_disarm(char *text)
{
	for (char *s = text; *s;) {
		size_t n = fb_text_character(s);

		if (!n)
			*s = '?';
		s += n ? n : 1;
	}
	return text;
}
