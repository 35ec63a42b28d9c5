# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What quickstart and uninstall both know about the machine: where they keep
# what they changed, and how auditd and process accounting are handled. Sourced
# by them; it does nothing by itself.

# Not below /var/lib/proclife, which is the plugin's user's own: what stands
# here is obeyed by root.
state=/var/lib/proclife-quickstart

settings=/etc/audit/audisp-proclife.conf
# shellcheck disable=SC2034 # for those who source this
rules_file=/etc/audit/rules.d/05-proclife.rules
# shellcheck disable=SC2034 # the same
user=_proclife

say() {
	printf '%s\n' "$*"
}

fail() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Starts the script anew as root.
become_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	command -v sudo >/dev/null || fail "run me as root: there is no sudo"
	exec sudo -- "$0" "$@"
}

# State: one file a key. What was there before the first run is what counts,
# so a key is never written twice.

remember() {
	[ -e "$state/$1" ] || printf '%s\n' "$2" >"$state/$1"
}

remembered() {
	[ ! -e "$state/$1" ] || cat "$state/$1"
}

# auditd

audit_answers() {
	[[ $(auditctl -s 2>&1) == *enabled* ]]
}

has_systemd() {
	[ -d /run/systemd/system ]
}

# audit_status KEY: what the kernel says, e.g. "pid"
audit_status() {
	auditctl -s | awk -v key="$1" '$1 == key { print $2 }'
}

# The process that the kernel gives its records to, if it is alive.
auditd_pid() {
	local pid
	pid=$(audit_status pid)
	[ "${pid:-0}" -gt 0 ] && kill -0 "$pid" 2>/dev/null && echo "$pid"
}

# The plugin that is installed now, not one from before it was replaced.
plugin_runs() {
	local pid
	for pid in $(pgrep -x audisp-proclife); do
		[ "/proc/$pid/exe" -ef /usr/sbin/audisp-proclife ] && return 0
	done
	return 1
}

plugin_is_gone() {
	! pgrep -x audisp-proclife >/dev/null
}

start_auditd() {
	if has_systemd; then
		systemctl start auditd
	elif [ -x /etc/init.d/auditd ]; then
		service auditd start
	else
		auditd
	fi
}

# SIGHUP makes it read its plugins' files again; newer ones restart them.
reload_auditd() {
	kill -HUP "$(auditd_pid)"
}

# By a signal: many distributions' units refuse to be stopped by hand.
stop_auditd() {
	local pid
	pid=$(auditd_pid) || return 0
	kill -TERM "$pid"
	wait_for 10 auditd_is_gone
}

auditd_is_gone() {
	! auditd_pid >/dev/null
}

# wait_for SECONDS COMMAND...: until the command succeeds
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

# Accounting

# The file of package acct (Debian, Ubuntu) or psacct, if it is installed.
accounting_file() {
	command -v accton >/dev/null || return 1
	if [ -d /var/account ]; then
		echo /var/account/pacct
	else
		echo /var/log/account/pacct
	fi
}

# Nothing tells whether accounting is on but a process that dies.
accounting_is_on() {
	local file before
	file=$(accounting_file) && [ -e "$file" ] || return 1
	before=$(stat -c %s "$file")
	/bin/true
	[ "$(stat -c %s "$file")" -gt "$before" ]
}

start_accounting() {
	local file
	file=$(accounting_file)
	if has_systemd; then
		systemctl start acct || systemctl start psacct || :
	elif [ -x /etc/init.d/acct ]; then
		service acct start || :
	fi
	accounting_is_on && return 0
	mkdir -p "${file%/*}"
	(umask 027 && : >>"$file")
	accton "$file"
}

stop_accounting() {
	if has_systemd && systemctl -q is-active acct; then
		systemctl stop acct
	else
		accton off
	fi
}

# acct(2) without a file, where there may be no accton: perl-base is always
# there on Debian and Ubuntu.
stop_own_accounting() {
	local number
	case $(uname -m) in
	x86_64) number=163 ;;
	aarch64 | riscv64 | loongarch64) number=89 ;;
	i?86 | arm* | ppc* | s390*) number=51 ;;
	*) return 1 ;;
	esac
	perl -e 'exit(syscall($ARGV[0] + 0, 0) == 0 ? 0 : 1)' "$number"
}

# set_acct_mode MODE: in the settings, nothing else is touched
set_acct_mode() {
	sed -i "s/^\\([[:blank:]]*mode = \\)\"[a-z]*\";/\\1\"$1\";/" "$settings"
}

acct_mode() {
	sed -n 's/^[[:blank:]]*mode = "\([a-z]*\)";.*/\1/p' "$settings"
}
