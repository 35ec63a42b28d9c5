/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf/schema/proclife-v1.schema.json describes every line that comes out of
 * here: who changes the one changes the other.
 */
#include "encode.h"

#include "encode_own.h"
#include "json.h"
#include "member.h"
#include "split.h"

#define HEAD(kind, category, type, action)                                     \
	"\"ecs\":{\"version\":\"8.17.0\"},\"event\":{\"kind\":\"" kind         \
	"\",\"category\":[\"" category "\"],\"type\":[\"" type                 \
	"\"],\"action\":\"" action "\""

#define TAIL(dataset)                                                          \
	"\"module\":\"proclife\",\"dataset\":\"proclife." dataset "\""

/* What is the same for all events of one action. */
static const struct {
	const char *head, *tail;
} constant[] = {
    [EVENT_FORK] = {HEAD("event", "process", "start", "fork"), TAIL("process")},
    [EVENT_EXEC] = {HEAD("event", "process", "start", "exec"), TAIL("process")},
    [EVENT_END] = {HEAD("event", "process", "end", "end"), TAIL("process")},
    [EVENT_ALREADY_RUNNING] = {HEAD("event", "process", "info",
				   "already_running"),
	TAIL("process")},
    [EVENT_LOSS] = {HEAD("pipeline_error", "host", "info", "loss"),
	TAIL("loss")},
    [EVENT_HEARTBEAT] = {HEAD("metric", "host", "info", "heartbeat"),
	TAIL("heartbeat")},
};

/* head: "key":{"id":" */
static void
member_owner(struct json *j, struct bytes head, uint32_t id)
{
	if (id == ID_UNSET)
		return;
	json_raw(j, head);
	text_u64(j->t, id);
	json_close(j, '"');
	json_close(j, '}');
}

#define OWNER(key) BYTES_LITERAL("\"" key "\":{\"id\":\"")

static void
put_event(struct line *l, const struct event *ev, const struct envelope *env)
{
	struct json *j = &l->j;

	member_time(j, "@timestamp", ev->time_ms);
	json_raw(j, bytes_of(constant[ev->action].head));
	if (ev->action == EVENT_EXEC)
		member_str(
		    j, "outcome", ev->exec_error == 0 ? "success" : "failure");
	member_event_id(j, "id", ev, env);
	member_u64(j, "sequence", env->sequence);
	json_raw(j, bytes_of(constant[ev->action].tail));
	if (env->live)
		member_time(j, "created", env->created_ms);
	json_close(j, '}');
	if (ev->action == EVENT_LOSS)
		member_own(j, "message", ev->loss.detail);
}

static void
put_agent(struct line *l, const struct envelope *env)
{
	struct json *j = &l->j;

	json_raw(j, BYTES_LITERAL("\"agent\":{\"type\":\"proclife\""));
	member_own(j, "version", env->version);
	if (env->live) {
		member_uuid(j, "id", &env->agent_id);
		member_uuid(j, "ephemeral_id", &env->ephemeral_id);
	}
	json_close(j, '}');
}

static void
put_host(struct line *l, const struct envelope *env)
{
	struct json *j = &l->j;

	if (!member_own_is_known(env->hostname) &&
	    !member_own_is_known(env->host_id) &&
	    !member_own_is_known(env->boot_id))
		return;
	json_raw(j, BYTES_LITERAL("\"host\":{"));
	member_own(j, "hostname", env->hostname);
	member_own(j, "name", env->hostname);
	member_own(j, "id", env->host_id);
	if (member_own_is_known(env->boot_id)) {
		json_raw(j, BYTES_LITERAL("\"boot\":{"));
		member_own(j, "id", env->boot_id);
		json_close(j, '}');
	}
	json_close(j, '}');
}

/* args_count is what the process got, even where fewer are known. */
static void
put_args(struct line *l, const struct args *args)
{
	struct json *j = &l->j;
	struct bytes rest = args->bytes, arg;

	json_raw(j, BYTES_LITERAL("\"args\":["));
	for (uint32_t i = 0; i < args->count; i++) {
		if (!split_take(&rest, '\0', &arg))
			break;
		if (!json_bytes(j, arg))
			l->args_broken = true;
	}
	json_close(j, ']');
	if (args->argc != ID_UNSET)
		member_u64(j, "args_count", args->argc);
	member_command_line(l, "command_line", args);
}

static void
put_tty(struct json *j, struct tty tty)
{
	if (tty.major == 0)
		return;
	json_raw(j, BYTES_LITERAL("\"tty\":{\"char_device\":{\"major\":"));
	json_u64(j, tty.major);
	member_u64(j, "minor", tty.minor);
	json_close(j, '}');
	json_close(j, '}');
}

static void
put_parent(struct line *l, const struct event_process *parent)
{
	struct json *j = &l->j;

	if (!parent->known)
		return;
	json_raw(j, BYTES_LITERAL("\"parent\":{"));
	if (parent->identified)
		member_uuid(j, "entity_id", &parent->id);
	json_key(j, "pid");
	json_i64(j, parent->pid);
	member_bytes(l, "name", "process.parent.name", parent->name);
	member_bytes(
	    l, "executable", "process.parent.executable", parent->executable);
	member_time(j, "start", parent->start_ms);
	json_close(j, '}');
}

static void
put_end(struct json *j, const struct event *ev)
{
	if (event_end_was_seen(&ev->end))
		member_time(j, "end", ev->time_ms);
	if (ev->end.has_status)
		member_u64(j, "exit_code", encode_exit_code(ev->end.status));
}

static void
put_process(struct line *l, const struct event *ev)
{
	struct json *j = &l->j;
	const struct event_process *p = &ev->process;

	json_raw(j, BYTES_LITERAL("\"process\":{"));
	member_uuid(j, "entity_id", &p->id);
	json_key(j, "pid");
	json_i64(j, p->pid);
	member_bytes(l, "name", "process.name", p->name);
	member_bytes(l, "executable", "process.executable", p->executable);
	if (ev->args != NULL)
		put_args(l, ev->args);
	member_bytes(
	    l, "working_directory", "process.working_directory", ev->cwd);
	member_time(j, "start", p->start_ms);
	if (ev->action == EVENT_END)
		put_end(j, ev);
	put_tty(j, ev->tty);
	put_parent(l, &ev->parent);
	member_owner(j, OWNER("user"), ev->creds.euid);
	member_owner(j, OWNER("real_user"), ev->creds.uid);
	member_owner(j, OWNER("saved_user"), ev->creds.suid);
	member_owner(j, OWNER("group"), ev->creds.egid);
	member_owner(j, OWNER("real_group"), ev->creds.gid);
	member_owner(j, OWNER("saved_group"), ev->creds.sgid);
	json_close(j, '}');
	member_owner(j, OWNER("user"), ev->creds.euid);
}

void
encode_ecs(struct text *t, const struct event *ev, const struct envelope *env)
{
	struct line l = {.nbroken = 0};

	json_init(&l.j, t);
	json_open(&l.j, '{');
	put_event(&l, ev, env);
	put_agent(&l, env);
	put_host(&l, env);
	if (event_has_process(ev))
		put_process(&l, ev);
	encode_own(&l, ev);
	json_close(&l.j, '}');
	text_char(t, '\n');
}
