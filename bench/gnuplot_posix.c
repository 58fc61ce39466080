#include "bench/gnuplot.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool gnuplot_is_there(void)
{
	const char *folders = getenv("PATH");
	char path[4096];

	while (folders && *folders) {
		int n = (int)strcspn(folders, ":");

		snprintf(path, sizeof(path), "%.*s/gnuplot", n, n ? folders : ".");
		if (!access(path, X_OK))
			return true;
		folders += n;
		folders += *folders == ':';
	}
	return false;
}

FILE *gnuplot_begin(void)
{
	return popen("exec gnuplot -d -", "w");
}

int gnuplot_end(FILE *f)
{
	return pclose(f);
}
