/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings_keys.h"

#include "event.h"

#define NAME_LEN_MAX 255
#define FILES_MAX    8
#define PATTERNS_MAX 64
#define USERS_MAX    64

static const char *const acct_modes[] = {
    [ACCT_FOLLOW] = "follow", [ACCT_OWN] = "own", [ACCT_OFF] = "off", NULL};
static const char *const sink_types[] = {[SINK_FILE] = "file",
    [SINK_STDOUT] = "stdout",
    [SINK_UNIX] = "unix",
    [SINK_TCP] = "tcp",
    [SINK_TLS] = "tls",
    [SINK_RELP] = "relp",
    NULL};
static const char *const framings[] = {
    [FRAMING_LINE] = "line", [FRAMING_SYSLOG] = "syslog", NULL};
static const char *const actions[] = {[EVENT_FORK] = "fork",
    [EVENT_EXEC] = "exec",
    [EVENT_END] = "end",
    [EVENT_ALREADY_RUNNING] = "already_running",
    [EVENT_LOSS] = "loss",
    [EVENT_HEARTBEAT] = "heartbeat",
    NULL};
static const char *const event_formats[] = {
    [FORMAT_ECS] = "ecs", [FORMAT_OCSF] = "ocsf", [FORMAT_TEXT] = "text", NULL};

#define AT(member)    .offset = offsetof(struct settings, member)
#define COUNT(member) .count_offset = offsetof(struct settings, member)

static const struct settings_key keys[] = {
    {"node", KEY_NAME, AT(node), .min = 1, .max = NAME_LEN_MAX,
	.preset = "auto", .none = "auto"},
    {"user", KEY_NAME, AT(user), .max = NAME_LEN_MAX, .preset = "_proclife"},
    {"state_path", KEY_PATH, AT(state_path),
	.preset = PROCLIFE_LOCALSTATEDIR "/lib/proclife"},
    {"run_path", KEY_PATH, AT(run_path), .preset = PROCLIFE_RUNDIR "/proclife"},
    {"spool_path", KEY_PATH, AT(spool_path),
	.preset = PROCLIFE_LOCALSTATEDIR "/spool/proclife"},
    {"stop_timeout", KEY_DURATION, AT(stop_timeout_ms), .min = 100,
	.max = MINUTE, .preset = "5s"},

    {"reconcile.lateness", KEY_DURATION, AT(reconcile.lateness_ms), .min = 100,
	.max = MINUTE, .preset = "2s"},
    {"reconcile.eoe_wait", KEY_DURATION, AT(reconcile.eoe_wait_ms), .min = 10,
	.max = 10 * SECOND, .preset = "200ms"},
    {"reconcile.grace", KEY_DURATION, AT(reconcile.grace_ms), .min = SECOND,
	.max = 10 * MINUTE, .preset = "10s"},

    {"acct.mode", KEY_CHOICE, AT(acct.mode), .preset = "follow",
	.words = acct_modes},
    {"acct.files", KEY_PATHS, AT(acct.files), COUNT(acct.nfiles), .min = 1,
	.max = FILES_MAX,
	.preset = "/var/log/account/pacct /var/account/pacct"},
    {"acct.own_file", KEY_PATH, AT(acct.own_file)},
    {"acct.own_size", KEY_SIZE, AT(acct.own_size), .min = 16 * KIB,
	.max = 16 * GIB, .preset = "64MiB"},
    {"acct.poll", KEY_DURATION, AT(acct.poll_ms), .min = 10, .max = MINUTE,
	.preset = "250ms"},
    {"acct.wait", KEY_DURATION, AT(acct.wait_ms), .min = 10, .max = MINUTE,
	.preset = "1s"},

    {"events.failed_exec", KEY_BOOL, AT(events.failed_exec), .max = 1,
	.preset = "false"},
    {"events.already_running", KEY_BOOL, AT(events.already_running), .max = 1,
	.preset = "true"},
    {"events.kernel_threads", KEY_BOOL, AT(events.kernel_threads), .max = 1,
	.preset = "false"},
    {"events.heartbeat", KEY_DURATION, AT(events.heartbeat_ms), .min = SECOND,
	.max = DAY, .preset = "5m"},
    {"events.redact", KEY_PATTERNS, AT(events.redact), COUNT(events.nredact),
	.max = PATTERNS_MAX, .preset = ""},

    {"limits.lives", KEY_NUMBER, AT(limits.lives), .min = 1000, .max = 4000000,
	.preset = "262144"},
    {"limits.held_facts", KEY_NUMBER, AT(limits.held_facts), .min = 1000,
	.max = 4000000, .preset = "65536"},
    {"limits.open_events", KEY_NUMBER, AT(limits.open_events), .min = 64,
	.max = 65536, .preset = "4096"},
    {"limits.event_bytes", KEY_SIZE, AT(limits.event_bytes), .min = 64 * KIB,
	.max = 64 * MIB, .preset = "4MiB"},
    {"limits.args_bytes", KEY_SIZE, AT(limits.args_bytes), .min = 256,
	.max = 2 * MIB, .preset = "4KiB"},

    {"capabilities.audit_control", KEY_BOOL, AT(capabilities.audit_control),
	.max = 1, .preset = "true"},
    {"capabilities.sys_ptrace", KEY_BOOL, AT(capabilities.sys_ptrace), .max = 1,
	.preset = "false"},
    {.path = NULL},
};

#undef AT
#define AT(member) .offset = offsetof(struct sink_settings, member)

#undef COUNT
#define COUNT(member) .count_offset = offsetof(struct sink_settings, member)

#define FILE_SINK   (1U << SINK_FILE)
#define UNIX_SINK   (1U << SINK_UNIX)
#define TCP_SINK    (1U << SINK_TCP)
#define TLS_SINK    (1U << SINK_TLS)
#define RELP_SINK   (1U << SINK_RELP)
#define STREAM_SINK (UNIX_SINK | TCP_SINK | TLS_SINK)
#define LINK_SINK   (STREAM_SINK | RELP_SINK)
#define HOST_SINK   (TCP_SINK | TLS_SINK | RELP_SINK)
#define KEYED_SINK  (TLS_SINK | RELP_SINK)
#define ANY_SINK    (FILE_SINK | 1U << SINK_STDOUT | LINK_SINK)

static const struct settings_key sink_keys[] = {
    {"name", KEY_NAME, AT(name), .min = 1, .max = NAME_LEN_MAX,
	.sinks = ANY_SINK},
    {"type", KEY_CHOICE, AT(type), .words = sink_types, .sinks = ANY_SINK},
    {"format", KEY_CHOICE, AT(format), .preset = "ecs", .words = event_formats,
	.sinks = ANY_SINK},
    {"path", KEY_PATH, AT(path),
	.preset = PROCLIFE_LOCALSTATEDIR "/log/proclife", .sinks = FILE_SINK},
    {"segment_size", KEY_SIZE, AT(segment_size), .min = 64 * KIB,
	.max = 16 * GIB, .preset = "64MiB", .sinks = FILE_SINK},
    {"segments", KEY_NUMBER, AT(segments), .min = 2, .max = 100000,
	.preset = "16", .sinks = FILE_SINK},
    {"max_age", KEY_DURATION, AT(max_age_ms), .min = MINUTE, .max = 3650 * DAY,
	.preset = "30d", .sinks = FILE_SINK},
    {"group", KEY_NAME, AT(group), .max = NAME_LEN_MAX, .preset = "",
	.none = "", .sinks = FILE_SINK},
    {"socket", KEY_PATH, AT(socket), .sinks = UNIX_SINK},
    {"host", KEY_NAME, AT(host), .min = 1, .max = NAME_LEN_MAX,
	.sinks = HOST_SINK},
    {"port", KEY_NUMBER, AT(port), .min = 1, .max = 65535, .sinks = HOST_SINK},
    {"framing", KEY_CHOICE, AT(framing), .preset = "line", .words = framings,
	.sinks = STREAM_SINK},
    {"tls", KEY_BOOL, AT(tls), .max = 1, .preset = "false", .sinks = RELP_SINK},
    {"ca_file", KEY_PATH, AT(ca_file), .preset = "", .none = "",
	.sinks = KEYED_SINK},
    {"cert_file", KEY_PATH, AT(cert_file), .preset = "", .none = "",
	.sinks = KEYED_SINK},
    {"key_file", KEY_PATH, AT(key_file), .preset = "", .none = "",
	.sinks = KEYED_SINK},
    {"verify", KEY_BOOL, AT(verify), .max = 1, .preset = "true",
	.sinks = KEYED_SINK},
    {"verify_name", KEY_NAME, AT(verify_name), .max = NAME_LEN_MAX,
	.preset = "", .none = "", .sinks = KEYED_SINK},
    {"actions", KEY_CHOICES, AT(actions), .min = 1, .max = SETTINGS_PARTS_MAX,
	.preset = "fork exec end already_running loss heartbeat",
	.words = actions, .sinks = ANY_SINK},
    {"users", KEY_USERS, AT(users), COUNT(nusers), .max = USERS_MAX,
	.preset = "", .sinks = ANY_SINK},
    {"max_event", KEY_SIZE, AT(max_event), .min = KIB,
	.max = SETTINGS_EVENT_MAX, .sinks = ANY_SINK},
    {"queue_size", KEY_SIZE, AT(queue_size), .min = 64 * KIB, .max = GIB,
	.preset = "8MiB", .sinks = ANY_SINK},
    {"resend_size", KEY_SIZE, AT(resend_size), .max = GIB, .preset = "8MiB",
	.sinks = TCP_SINK | TLS_SINK},
    {"spool", KEY_BOOL, AT(spool), .max = 1, .preset = "false",
	.sinks = STREAM_SINK},
    {"spool", KEY_BOOL, AT(spool), .max = 1, .preset = "true",
	.sinks = RELP_SINK},
    {"spool_size", KEY_SIZE, AT(spool_size), .min = 16 * MIB, .max = 1024 * GIB,
	.preset = "1GiB", .sinks = LINK_SINK},
    {"spool_age", KEY_DURATION, AT(spool_max_age_ms), .min = MINUTE,
	.max = 3650 * DAY, .preset = "7d", .sinks = LINK_SINK},
    {"spool_sync", KEY_DURATION, AT(spool_sync_ms), .max = MINUTE,
	.preset = "1s", .sinks = LINK_SINK},
    {.path = NULL},
};

const struct settings_key *
settings_keys(void)
{
	return keys;
}

const struct settings_key *
settings_sink_keys(void)
{
	return sink_keys;
}
