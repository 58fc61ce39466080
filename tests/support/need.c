#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/need.h"

#include <stdio.h>

void need(const char *missing)
{
	if (!missing)
		return;
	fprintf(stderr, "%s\n", missing);
	skip();
}
