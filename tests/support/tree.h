/*
 * tree.h - a tree of files made up by a test, as /sys and /proc show one
 *
 * Include it after cmocka.h.
 */
#ifndef FB_TESTS_SUPPORT_TREE_H
#define FB_TESTS_SUPPORT_TREE_H

/* What tree_put takes at most of a file's path, the root's included. */
enum { TREE_PATH = 512 };

/*
 * tree_folders - the folders that "@root/@name" lies in, @root is there
 * tree_put     - such a file with exactly that text, in place of what it held
 *
 * Both fail the test.
 */
void tree_folders(const char *root, const char *name);
void tree_put(const char *root, const char *name, const char *text);

#endif
