/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed_script.h"

#include <string.h>

#include "split.h"

/*
 * A script's interpreter may be a script itself; five are allowed
 * (fs/exec.c, exec_binprm()), each with at most one option.
 */
#define SCRIPT_INDEX_MAX (5 * 2)

#define COMM_LEN     15 /* bytes of a file's name that the kernel keeps */
#define FD_DIR       "/dev/fd/"
#define FD_DIGITS    10
#define FD_PATH_SIZE (sizeof(FD_DIR) + FD_DIGITS)

static struct bytes
base_name(struct bytes path)
{
	const char *slash = memrchr(path.at, '/', path.len);

	if (slash == NULL)
		return path;
	return (struct bytes){
	    slash + 1, (size_t)(path.at + path.len - slash) - 1};
}

/* True if comm is what the kernel makes of a file's name. */
static bool
is_comm_of(struct bytes comm, struct bytes name)
{
	if (name.len > COMM_LEN)
		name.len = COMM_LEN;
	return bytes_equal(comm, name);
}

static bool
has_slash(struct bytes b)
{
	return b.len > 0 && memchr(b.at, '/', b.len) != NULL;
}

/*
 * What execveat(2) found below the descriptor a0 is /dev/fd/A0, or
 * /dev/fd/A0/PATH, to an interpreter (fs/exec.c, alloc_bprm()).
 */
static bool
is_below_descriptor(struct bytes arg, struct bytes path, uint64_t a0)
{
	char dir[FD_PATH_SIZE];
	struct text t;

	text_init(&t, dir, sizeof(dir));
	text_str(&t, FD_DIR);
	text_u64(&t, a0);
	if (!text_ok(&t) || arg.len < t.len || memcmp(arg.at, dir, t.len) != 0)
		return false;
	arg.at += t.len;
	arg.len -= t.len;
	if (arg.len == 0 || arg.at[0] != '/')
		return arg.len == 0 && path.len == 0;
	return bytes_equal((struct bytes){arg.at + 1, arg.len - 1}, path);
}

static bool
is_named(struct bytes arg, const struct fact *fact, struct bytes path)
{
	return bytes_equal(arg, path) &&
	       is_comm_of(fact->comm, base_name(path));
}

/*
 * The kernel puts the interpreter's path in the place of the first argument,
 * then its option, if it has one, then the script's path (fs/binfmt_script.c,
 * load_script()). Who runs a program by name gives it no first argument that
 * is a path, or the program's own.
 */
struct bytes
feed_script(const struct fact *fact, struct bytes path, uint64_t a0)
{
	struct bytes rest = fact->exec.args.bytes, arg;

	if (path.at == NULL || bytes_equal(fact->exe, path) ||
	    !split_take(&rest, '\0', &arg) || !has_slash(arg) ||
	    bytes_equal(arg, path))
		return BYTES_NONE;
	for (int i = 1; i <= SCRIPT_INDEX_MAX; i++) {
		if (!split_take(&rest, '\0', &arg))
			break;
		if (is_named(arg, fact, path) ||
		    is_below_descriptor(arg, path, a0))
			return arg;
	}
	return BYTES_NONE;
}
