/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings_keys.h"

#define NAME_LEN_MAX 255
#define FILES_MAX    8
#define PATTERNS_MAX 64

static const char *const acct_modes[] = {
    [ACCT_FOLLOW] = "follow", [ACCT_OWN] = "own", [ACCT_OFF] = "off", NULL};
static const char *const sink_types[] = {
    [SINK_FILE] = "file", [SINK_STDOUT] = "stdout", NULL};
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

#define ANY_SINK  (1U << SINK_FILE | 1U << SINK_STDOUT)
#define FILE_SINK (1U << SINK_FILE)

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
    {"queue_size", KEY_SIZE, AT(queue_size), .min = 64 * KIB, .max = GIB,
	.preset = "8MiB", .sinks = ANY_SINK},
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
