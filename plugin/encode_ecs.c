/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf/schema/proclife-v1.schema.json describes every line that comes out of
 * here: who changes the one changes the other.
 */
#include "encode.h"

#include <string.h>

#include "encode_own.h"
#include "ident.h"
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

static bool
is_process_event(const struct event *ev)
{
	return ev->action != EVENT_LOSS && ev->action != EVENT_HEARTBEAT;
}

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

static bool
is_told(const char *own)
{
	return own != NULL && *own != '\0';
}

static void
put_event(struct line *l, const struct event *ev, const struct envelope *env)
{
	struct json *j = &l->j;
	struct uuid id = is_process_event(ev)
			     ? ev->id
			     : ident_notice(&env->ephemeral_id, env->sequence);

	member_time(j, "@timestamp", ev->time_ms);
	json_raw(j, bytes_of(constant[ev->action].head));
	if (ev->action == EVENT_EXEC)
		member_str(
		    j, "outcome", ev->exec_error == 0 ? "success" : "failure");
	member_uuid(j, "id", &id);
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

	if (!is_told(env->hostname) && !is_told(env->host_id) &&
	    !is_told(env->boot_id))
		return;
	json_raw(j, BYTES_LITERAL("\"host\":{"));
	member_own(j, "hostname", env->hostname);
	member_own(j, "name", env->hostname);
	member_own(j, "id", env->host_id);
	if (is_told(env->boot_id)) {
		json_raw(j, BYTES_LITERAL("\"boot\":{"));
		member_own(j, "id", env->boot_id);
		json_close(j, '}');
	}
	json_close(j, '}');
}

/* Whether a POSIX shell reads it as one word, and JSON as a part of a string,
 * just as it stands. */
static bool
is_shell_safe(struct bytes word)
{
	/* A blank for a byte that is not, else the byte itself. */
	static const char safe[] = "                                "
				   "     %     +,-./0123456789:  =  "
				   "@ABCDEFGHIJKLMNOPQRSTUVWXYZ    _"
				   " abcdefghijklmnopqrstuvwxyz     ";

	for (size_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.at[i];
		if (c >= sizeof(safe) - 1 || safe[c] == ' ')
			return false;
	}
	return word.len > 0;
}

/* One word of a command line, in single quotes where it needs them. */
static void
put_shell_word(struct json *j, struct bytes word)
{
	const char *stop;

	if (is_shell_safe(word)) {
		text_add(j->t, word.at, word.len);
		return;
	}
	text_char(j->t, '\'');
	while (
	    word.len > 0 && (stop = memchr(word.at, '\'', word.len)) != NULL) {
		size_t len = (size_t)(stop - word.at);
		(void)json_part(j, (struct bytes){word.at, len});
		(void)json_part(j, BYTES_LITERAL("'\\''"));
		word = (struct bytes){stop + 1, word.len - len - 1};
	}
	(void)json_part(j, word);
	text_char(j->t, '\'');
}

static void
put_command_line(struct json *j, const struct args *args)
{
	struct bytes rest = args->bytes, arg;

	json_key(j, "command_line");
	json_open(j, '"');
	for (uint32_t i = 0; i < args->count; i++) {
		if (!split_take(&rest, '\0', &arg))
			break;
		if (i > 0)
			text_char(j->t, ' ');
		put_shell_word(j, arg);
	}
	json_close(j, '"');
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
	if (args->count > 0 && args->bytes.len > 0)
		put_command_line(j, args);
}

/* 0 to 255, and 128 + n for signal n, as shells have it. */
static uint32_t
exit_code(uint32_t status)
{
	uint32_t signal = status & 0x7f;

	return signal == 0 ? status >> 8 & 0xff : 128 + signal;
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

/* The time of an end that nobody saw is only when it was missed. */
static void
put_end(struct json *j, const struct event *ev)
{
	if (ev->end.kind == END_EXIT || ev->end.kind == END_SIGNAL)
		member_time(j, "end", ev->time_ms);
	if (ev->end.has_status)
		member_u64(j, "exit_code", exit_code(ev->end.status));
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
	if (is_process_event(ev))
		put_process(&l, ev);
	encode_own(&l, ev);
	json_close(&l.j, '}');
	text_char(t, '\n');
}
