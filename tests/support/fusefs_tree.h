/*
 * fusefs_tree.h - the files and folders that fusefs serves; one thread
 */
#ifndef FB_TESTS_FUSEFS_TREE_H
#define FB_TESTS_FUSEFS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define FUSEFS_BLOCK 4096
#define FUSEFS_BYTES ((uint64_t)1 << 30)

/*
 * struct node - a file or folder
 * @path:  "/a/b"; NULL once it is unlinked
 * @opens: whoever has it open; an unlinked one lives until there is none
 * @size, @room: bytes of @data in use and allocated; the rest of it is zero
 */
struct node {
	struct node *next;
	char *path;
	unsigned opens;
	mode_t mode;
	uint64_t id;
	struct timespec changed;
	char *data;
	size_t size;
	size_t room;
};

/* Those that have a path, in no order. */
extern struct node *tree_nodes;

/* tree_find - NULL if there is none */
struct node *tree_find(const char *path);

/* tree_add - a new one at @path; 0 or -ENOMEM */
int tree_add(const char *path, mode_t mode, struct node **out);

/* tree_drop - take its path away; tree_free_unheld - free it if none is left */
void tree_drop(struct node *n);
void tree_free_unheld(struct node *n);

/* tree_below - what of @path lies below @dir, "/..." at any depth; NULL: it does not */
const char *tree_below(const char *dir, const char *path);

/* tree_is_empty - nothing lies below @dir */
bool tree_is_empty(const char *dir);

/* tree_resize - 0 or -ENOSPC */
int tree_resize(struct node *n, uint64_t size);

/* tree_rename - @from and all below it; 0 or -ENOMEM */
int tree_rename(const char *from, const char *to);

#endif
