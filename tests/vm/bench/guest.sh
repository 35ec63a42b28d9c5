# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the virtual machine does instead of suites when it is to be measured:
# finds the rates at which auditd loses nothing, alone and with each plugin, and
# keeps the times of deaths and of the lines that tell them. Sourced by init.
#
# results/trials has a line a trial: plugin, purpose, lives asked for in a
# second, born, seconds that took, records lost (by the kernel, and by auditd
# for its plugins), ends told, ticks of auditd's and of the plugin's CPU time,
# seconds of the trial.

acct=/var/log/account/pacct
plugins_d=/etc/audit/plugins.d
events_d=/var/log/proclife

first_rate=32
bisections=3
seconds_searched=8
seconds_measured=30

# Further apart than a barrier takes, so that no death hastens another's line.
idle_rate=2.5
idle_seconds=80

# A plugin that is traced is slow, the more so as reading the clock is a system
# call under emulation.
traced_rate=10

declare -A plugin_programs=(
	[none]=none [proclife]=audisp-proclife [laurel]=laurel)

use_plugin() {
	local name
	for name in proclife laurel; do
		sed -i "s/^active = .*/active = no/" "$plugins_d/$name.conf"
	done
	[ "$1" = none ] ||
	    sed -i "s/^active = .*/active = yes/" "$plugins_d/$1.conf"
	run_auditd
	# It starts with what is there, and has told of it then.
	sleep 3
}

# Its canaries have the same name; the oldest is the plugin.
plugin_pid() {
	pgrep -o -x "${plugin_programs[$plugin]}" || echo none
}

ticks_of() { # PID
	awk '{ n = $14 + $15 } END { print n + 0 }' "/proc/$1/stat" 2>/dev/null
}

# What auditd or the kernel could not pass on, and plugins that were restarted.
lost_by_auditd() {
	grep -ciE 'queue.*full|overflow|terminated unexpectedly' \
	    "$results/syslog"
}

backlog_is_empty() {
	[ "$(auditctl -s | awk '$1 == "backlog" {print $2}')" = 0 ]
}

# Of the lives in FILE.
ends_told() {
	[ "$plugin" = proclife ] || {
		echo 0
		return
	}
	cat "$events_d"/events-*.jsonl | awk '
	NR == FNR { lives[$1] = 1; next }
	/"action":"end"/ && match($0, /"pid":[0-9]+/) {
		pid = substr($0, RSTART + 6, RLENGTH - 6)
		n += lives[pid]
		delete lives[pid]
	}
	END { print n + 0 }' "$1" -
}

# Prints the line of results/trials.
trial() { # PURPOSE RATE SECONDS
	local lost dropped auditd begin born took ticks plugin_ticks
	auditd=$(cat /run/auditd.pid)
	lost=$(kernel_lost)
	dropped=$(lost_by_auditd)
	ticks=$(ticks_of "$auditd")
	plugin_ticks=$(ticks_of "$(plugin_pid)")
	begin=$(cut -d' ' -f1 /proc/uptime)
	/vmtest/pace lives "$2" "$3" >/run/lives 2>/run/pace
	read -r born took </run/pace
	until_true 100 backlog_is_empty || complain "the backlog stays"
	sleep 2
	echo "$plugin $1 $2 $born $took $(($(kernel_lost) - lost))" \
	    "$(($(lost_by_auditd) - dropped)) $(ends_told /run/lives)" \
	    "$(($(ticks_of "$auditd") - ticks))" \
	    "$(($(ticks_of "$(plugin_pid)") - plugin_ticks))" \
	    "$(awk -v begin="$begin" '{ print $1 - begin }' /proc/uptime)" |
	    tee -a "$results/trials"
}

# Whether nothing was lost and the machine kept the pace.
is_sustained() { # LINE
	# shellcheck disable=SC2086 # its words
	set -- $1
	[ "$6" = 0 ] && [ "$7" = 0 ] &&
	    { [ "$plugin" != proclife ] || [ "$8" = "$4" ]; } &&
	    awk -v asked="$3" -v born="$4" -v took="$5" \
	        'BEGIN { exit !(born / took >= 0.95 * asked) }'
}

try_rate() {
	is_sustained "$(trial search "$1" "$seconds_searched")"
}

# The highest rate that is sustained, to an eighth of it, is in $highest.
search_rate() {
	local i low high=$first_rate middle
	while try_rate "$high"; do
		high=$((2 * high))
	done
	low=$((high / 2))
	for ((i = 0; i < bisections; i++)); do
		middle=$(((low + high) / 2))
		if try_rate "$middle"; then
			low=$middle
		else
			high=$middle
		fi
	done
	highest=$low
	echo "$plugin $highest" >>"$results/highest"
	say "$plugin: $highest lives a second"
}

# Deaths, and the lines that tell them.
keep_delays() { # PURPOSE RATE SECONDS
	local reader
	/vmtest/pace ends "$events_d" >"$results/$1.ends" &
	reader=$!
	sleep 1
	trial "$@" >/dev/null
	sleep 3
	kill "$reader"
	cp /run/lives "$results/$1.lives"
}

# An event has a serial; what the plugin's strace is about has so many.
last_serial() {
	tail -n 1 /var/log/audit/audit.log | sed 's/.*:\([0-9]*\)).*/\1/'
}

keep_calls() {
	local before tracer
	before=$(last_serial)
	strace -f -c -S calls -o "$results/calls" -p "$(plugin_pid)" &
	tracer=$!
	sleep 1
	trial traced "$traced_rate" "$seconds_measured" >/dev/null
	kill -INT "$tracer"
	wait "$tracer"
	echo $(($(last_serial) - before)) >"$results/calls.events"
}

bench() {
	local plugin highest quarter full
	accton "$acct"

	plugin=none
	use_plugin none
	search_rate
	full=$highest
	quarter=$((full / 4))
	trial quarter "$quarter" "$seconds_measured" >/dev/null
	stop_auditd

	plugin=proclife
	use_plugin proclife
	keep_delays idle "$idle_rate" "$idle_seconds"
	keep_delays quarter "$quarter" "$seconds_measured"
	trial full "$full" "$seconds_measured" >/dev/null
	keep_calls
	search_rate
	stop_auditd

	plugin=laurel
	[ -e /usr/sbin/laurel ] || return 0
	use_plugin laurel
	trial quarter "$quarter" "$seconds_measured" >/dev/null
	search_rate
	stop_auditd
}
