/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf/schema/proclife-ocsf-v1.schema.json describes every line that comes out
 * of here: who changes the one changes the other.
 */
#include "encode.h"

#include <string.h>

#include "encode_own.h"
#include "json.h"
#include "member.h"
#include "syscalls.h"

#define VERSION "1.8.0"

/* The schema's integers have 32 bits with a sign, where it says no more. */
#define INTEGER_MAX INT32_MAX

/* Stands where an id is wanted of what nobody knows: the nil UUID. */
#define NOBODY "00000000-0000-0000-0000-000000000000"

#define CLASS(category, category_name, class, class_name)                      \
	"\"category_uid\":" category ",\"category_name\":\"" category_name     \
	"\",\"class_uid\":" class ",\"class_name\":\"" class_name "\""
#define ACTIVITY(activity, name, type, type_name)                              \
	",\"activity_id\":" activity ",\"activity_name\":\"" name              \
	"\",\"type_uid\":" type ",\"type_name\":\"" type_name "\""
#define INFORMATIONAL ",\"severity_id\":1,\"severity\":\"Informational\""
#define LOW           ",\"severity_id\":2,\"severity\":\"Low\""

#define PROCESS_ACTIVITY                                                       \
	CLASS("1", "System Activity", "1007", "Process Activity")
#define LAUNCH                                                                 \
	PROCESS_ACTIVITY                                                       \
	ACTIVITY("1", "Launch", "100701", "Process Activity: Launch")          \
	INFORMATIONAL
#define TERMINATE                                                              \
	PROCESS_ACTIVITY                                                       \
	ACTIVITY("2", "Terminate", "100702", "Process Activity: Terminate")    \
	INFORMATIONAL
#define QUERY                                                                  \
	CLASS("5", "Discovery", "5015", "Process Query")                       \
	ACTIVITY("1", "Query", "501501", "Process Query: Query")               \
	INFORMATIONAL
/*
 * There is no class for what is about no process, so it is an event of the
 * base class, which every reader takes, and its activity bears our own name.
 */
#define NOTICE(name)                                                           \
	CLASS("0", "Uncategorized", "0", "Base Event")                         \
	ACTIVITY("99", name, "99", "Base Event: Other")

/* What is the same for all events of one action. */
static const char *const heads[] = {
    [EVENT_FORK] = LAUNCH ",\"launch_type_id\":2,\"launch_type\":\"Fork\"",
    [EVENT_EXEC] = LAUNCH ",\"launch_type_id\":3,\"launch_type\":\"Exec\"",
    [EVENT_END] = TERMINATE,
    [EVENT_ALREADY_RUNNING] =
	QUERY ",\"query_result_id\":1,\"query_result\":\"Exists\"",
    [EVENT_LOSS] = NOTICE("loss") LOW,
    [EVENT_HEARTBEAT] = NOTICE("heartbeat") INFORMATIONAL,
};

static void
member_integer(struct json *j, const char *key, uint64_t n)
{
	if (n <= INTEGER_MAX)
		member_u64(j, key, n);
}

/* Of those that are too large for an integer. */
static void
member_large_id(struct json *j, const char *key, uint32_t id)
{
	if (id > INTEGER_MAX)
		member_id(j, key, id);
}

/* "key":{"uid":"n"} */
static void
member_uid(struct json *j, const char *key, uint32_t id)
{
	if (id == ID_UNSET)
		return;
	json_key(j, key);
	json_open(j, '{');
	member_id(j, "uid", id);
	json_close(j, '}');
}

static void
put_status(struct json *j, int error)
{
	const char *name;

	if (error == 0) {
		json_raw(
		    j, BYTES_LITERAL("\"status_id\":1,\"status\":\"Success\""));
		return;
	}
	json_raw(j, BYTES_LITERAL("\"status_id\":2,\"status\":\"Failure\""));
	name = syscalls_error_name(error);
	if (name != NULL)
		member_str(j, "status_code", name);
	else
		member_id(j, "status_code", (uint32_t)error);
}

static void
put_head(struct json *j, const struct event *ev)
{
	member_ms(j, "time", ev->time_ms);
	json_raw(j, bytes_of(heads[ev->action]));
	if (ev->action == EVENT_EXEC)
		put_status(j, ev->exec_error);
	if (ev->action == EVENT_END && ev->end.has_status)
		member_u64(j, "exit_code", encode_exit_code(ev->end.status));
	if (ev->action == EVENT_LOSS)
		member_own(j, "message", ev->loss.detail);
}

static void
put_metadata(struct json *j, const struct event *ev, const struct envelope *env)
{
	json_raw(j, BYTES_LITERAL("\"metadata\":{\"version\":\"" VERSION
				  "\",\"product\":{\"name\":\"proclife\""));
	member_own(j, "version", env->version);
	json_close(j, '}');
	if (event_has_process(ev))
		json_raw(
		    j, BYTES_LITERAL(
			   "\"profiles\":[\"host\",\"linux/linux_users\"],"
			   "\"extensions\":[{\"name\":\"linux\",\"uid\":\"1\","
			   "\"version\":\"" VERSION "\"}]"));
	else
		json_raw(j, BYTES_LITERAL("\"profiles\":[\"host\"]"));
	member_str(j, "event_code", encode_action_name(ev->action));
	member_event_id(j, "uid", ev, env);
	member_integer(j, "sequence", env->sequence);
	if (env->live)
		member_ms(j, "logged_time", env->created_ms);
	if (ev->args != NULL && ev->args->truncated)
		member_bool(j, "is_truncated", true);
	json_close(j, '}');
}

/* A device must have a name or an id. */
static void
put_device(struct json *j, const struct envelope *env)
{
	json_raw(j,
	    BYTES_LITERAL("\"device\":{\"type_id\":0,\"os\":{\"name\":\"Linux\""
			  ",\"type\":\"Linux\",\"type_id\":200}"));
	member_own(j, "hostname", env->hostname);
	member_own(j, "uid", env->host_id);
	if (!member_own_is_known(env->hostname) &&
	    !member_own_is_known(env->host_id))
		member_str(j, "uid", NOBODY);
	member_own(j, "boot_uid", env->boot_id);
	if (env->live) {
		json_raw(
		    j, BYTES_LITERAL("\"agent_list\":[{\"name\":\"proclife\""));
		member_uuid(j, "uid", &env->agent_id);
		member_uuid(j, "uid_alt", &env->ephemeral_id);
		json_close(j, '}');
		json_close(j, ']');
	}
	json_close(j, '}');
}

/* The kernel executes regular files only. */
static void
put_file(struct line *l, const char *field, struct bytes path)
{
	struct json *j = &l->j;
	struct bytes name = path;
	const char *slash;

	if (path.len == 0)
		return;
	slash = memrchr(path.at, '/', path.len - 1);
	if (slash != NULL) {
		name.at = slash + 1;
		name.len -= (size_t)(name.at - path.at);
	}
	json_raw(j,
	    BYTES_LITERAL("\"file\":{\"type_id\":1,\"type\":\"Regular File\""));
	member_bytes(l, "name", NULL, name);
	member_bytes(l, "path", field, path);
	json_close(j, '}');
}

/* name, executable: fields as member_bytes() wants them. */
static void
put_entity(struct line *l, const struct event_process *p, const char *name,
    const char *executable)
{
	struct json *j = &l->j;

	json_key(j, "pid");
	json_i64(j, p->pid);
	if (p->identified)
		member_uuid(j, "uid", &p->id);
	member_bytes(l, "name", name, p->name);
	put_file(l, executable, p->executable);
	member_ms(j, "created_time", p->start_ms);
}

static void
put_creds(struct json *j, const struct creds *c)
{
	member_uid(j, "user", c->uid);
	member_uid(j, "group", c->gid);
	member_integer(j, "euid", c->euid);
	member_integer(j, "egid", c->egid);
	member_integer(j, "auid", c->auid);
}

/* Other terminals than ptys are told by their numbers, under unmapped. */
static bool
is_pty(struct tty tty)
{
	return tty.major == TTY_PTS_MAJOR;
}

static void
put_session(struct json *j, uint32_t session, struct tty tty)
{
	if (session == ID_UNSET && !is_pty(tty))
		return;
	json_raw(j, BYTES_LITERAL("\"session\":{"));
	member_id(j, "uid", session);
	if (is_pty(tty)) {
		json_key(j, "terminal");
		json_open(j, '"');
		text_str(j->t, "pts/");
		text_u64(j->t, tty.minor);
		json_close(j, '"');
	}
	json_close(j, '}');
}

static void
put_process(struct line *l, const struct event *ev)
{
	struct json *j = &l->j;

	json_raw(j, BYTES_LITERAL("\"process\":{"));
	put_entity(l, &ev->process, "process.name", "process.executable");
	if (ev->args != NULL)
		member_command_line(l, "cmd_line", ev->args);
	member_bytes(
	    l, "working_directory", "process.working_directory", ev->cwd);
	if (ev->action == EVENT_END && event_end_was_seen(&ev->end))
		member_ms(j, "terminated_time", ev->time_ms);
	put_creds(j, &ev->creds);
	put_session(j, ev->creds.session, ev->tty);
	if (ev->parent.known) {
		json_raw(j, BYTES_LITERAL("\"parent_process\":{"));
		put_entity(l, &ev->parent, "process.parent.name",
		    "process.parent.executable");
		json_close(j, '}');
	}
	json_close(j, '}');
}

/*
 * Who did it. Of a launch that is told as the parent, of an end, as the schema
 * has it where a killer is not known, as who ended. There must be one.
 */
static void
put_actor(struct line *l, const struct event *ev)
{
	struct json *j = &l->j;
	const struct event_process *who =
	    ev->action == EVENT_END ? &ev->process : &ev->parent;
	uint32_t login = ev->creds.auid;

	json_raw(j, BYTES_LITERAL("\"actor\":{"));
	if (who->known) {
		json_raw(j, BYTES_LITERAL("\"process\":{"));
		put_entity(l, who, NULL, NULL);
		json_close(j, '}');
	} else if (login == ID_UNSET) {
		json_raw(
		    j, BYTES_LITERAL("\"process\":{\"uid\":\"" NOBODY "\"}"));
	}
	member_uid(j, "user", login);
	json_close(j, '}');
}

/* By their names in ECS: what that has a field for, and this schema not. */
static void
put_unmapped_process(struct json *j, const struct event *ev)
{
	const struct creds *c = &ev->creds;

	if (ev->args != NULL && ev->args->argc != ID_UNSET)
		member_u64(j, "process.args_count", ev->args->argc);
	if (ev->tty.major != 0 && !is_pty(ev->tty)) {
		member_u64(j, "process.tty.char_device.major", ev->tty.major);
		member_u64(j, "process.tty.char_device.minor", ev->tty.minor);
	}
	member_large_id(j, "process.user.id", c->euid);
	member_id(j, "process.saved_user.id", c->suid);
	member_large_id(j, "process.group.id", c->egid);
	member_id(j, "process.saved_group.id", c->sgid);
}

static void
put_unmapped(struct line *l, const struct event *ev, const struct envelope *env)
{
	struct json *j = &l->j;

	json_raw(j, BYTES_LITERAL("\"unmapped\":{"));
	if (env->sequence > INTEGER_MAX)
		member_u64(j, "event.sequence", env->sequence);
	if (event_has_process(ev))
		put_unmapped_process(j, ev);
	encode_own(l, ev);
	json_close(j, '}');
}

void
encode_ocsf(struct text *t, const struct event *ev, const struct envelope *env)
{
	struct line l = {.nbroken = 0};

	json_init(&l.j, t);
	json_open(&l.j, '{');
	put_head(&l.j, ev);
	put_metadata(&l.j, ev, env);
	put_device(&l.j, env);
	if (event_has_process(ev))
		put_process(&l, ev);
	if (event_has_process(ev) && ev->action != EVENT_ALREADY_RUNNING)
		put_actor(&l, ev);
	put_unmapped(&l, ev, env);
	json_close(&l.j, '}');
	text_char(t, '\n');
}
