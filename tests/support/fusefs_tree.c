#include "support/fusefs_tree.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node *tree_nodes;
static uint64_t last_id;

struct node *tree_find(const char *path)
{
	struct node *n = tree_nodes;

	while (n && strcmp(n->path, path))
		n = n->next;
	return n;
}

int tree_add(const char *path, mode_t mode, struct node **out)
{
	struct node *n = calloc(1, sizeof(*n));

	if (n)
		n->path = strdup(path);
	if (!n || !n->path) {
		free(n);
		return -ENOMEM;
	}
	n->mode = mode;
	n->id = ++last_id;
	clock_gettime(CLOCK_REALTIME, &n->changed);
	n->next = tree_nodes;
	tree_nodes = n;
	*out = n;
	return 0;
}

void tree_free_unheld(struct node *n)
{
	if (n->path || n->opens)
		return;
	free(n->data);
	free(n);
}

void tree_drop(struct node *n)
{
	struct node **at = &tree_nodes;

	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	free(n->path);
	n->path = NULL;
	tree_free_unheld(n);
}

/* Name below folder @dir at any depth, with its leading slash; NULL if it is not. */
const char *tree_below(const char *dir, const char *path)
{
	const size_t n = strcmp(dir, "/") ? strlen(dir) : 0;

	return !strncmp(path, dir, n) && path[n] == '/' && path[n + 1] ? path + n
								       : NULL;
}

bool tree_is_empty(const char *dir)
{
	for (const struct node *n = tree_nodes; n; n = n->next)
		if (tree_below(dir, n->path))
			return false;
	return true;
}

int tree_resize(struct node *n, uint64_t size)
{
	size_t room = n->room ? n->room : FUSEFS_BLOCK;
	char *data;

	if (size > FUSEFS_BYTES)
		return -ENOSPC;
	while (room < size)
		room *= 2;
	if (room > n->room) {
		data = realloc(n->data, room);
		if (!data)
			return -ENOSPC;
		memset(data + n->room, 0, room - n->room);
		n->data = data;
		n->room = room;
	}
	if (size < n->size)
		memset(n->data + size, 0, n->size - size);
	n->size = size;
	return 0;
}

int tree_rename(const char *from, const char *to)
{
	char path[PATH_MAX];
	char *copy;

	for (struct node *n = tree_nodes; n; n = n->next) {
		if (strcmp(n->path, from) && !tree_below(from, n->path))
			continue;
		snprintf(path, sizeof(path), "%s%s", to, n->path + strlen(from));
		copy = strdup(path);
		if (!copy)
			return -ENOMEM;
		free(n->path);
		n->path = copy;
	}
	return 0;
}
