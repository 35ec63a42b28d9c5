# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What scripts/bench counts instead of timing it, so that a change shows
# whatever the machine's noise: instructions and system calls. Sourced after
# streams.sh.

# Instructions: those for many lives less those for few, so that the start of
# the program does not count.

declare -A few_lives=([lives]=500 [mixed]=100 [storm]=500)

# instructions COMMAND...
instructions() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 \
	    >/dev/null | awk '/Collected/ { print $NF }'
}

instructions_of() { # PROGRAM FOLDER
	case $1 in
	bare) instructions "$build/tests/bareloop" <"$2/stream" ;;
	proclife) instructions "$build/proclife" replay \
	    --acct "$2/pacct" "$2/stream" ;;
	esac
}

# Those of one life, by the bare loop and by proclife.
count_instructions() { # STREAM
	local few=${few_lives[$1]} folder=$work/counted lives program
	local -A counted

	mkdir -p "$folder"
	for lives in "$few" $((4 * few)); do
		# shellcheck disable=SC2086 # several options
		generate "$lives" "$folder/pacct" ${stream_options[$1]} \
		    >"$folder/stream"
		for program in bare proclife; do
			counted[$program$lives]=$(instructions_of "$program" \
			    "$folder")
		done
	done
	for program in bare proclife; do
		echo $(((counted[$program$((4 * few))] -
		    counted[$program$few]) / (3 * few)))
	done | xargs
}

print_instructions() {
	local name bare proclife
	if ! command -v valgrind >/dev/null; then
		printf '\nInstructions: apt-get install valgrind\n'
		return
	fi
	cat <<'EOF'

| instructions, one life | bare loop | proclife | ratio |
| --- | ---: | ---: | ---: |
EOF
	for name in lives mixed storm; do
		read -r bare proclife < <(count_instructions "$name")
		printf '| %s | %d | %d | %s |\n' "$name" "$bare" "$proclife" \
		    "$(ratio "$proclife" "$bare")"
	done
}

# System calls: the real plugin's for a stream that ends about now, less those
# with which it starts and stops. The processes of a made stream are not in
# /proc, where the plugin looks for those of undecided births.

traced_lives=20000

write_settings() {
	cat >"$work/settings" <<EOF
user = "";
state_path = "$work/state";
run_path = "$work/run";
capabilities: { audit_control = false; };
events: { already_running = false; };
acct: { mode = "follow"; files = ["$work/pacct"]; };
sinks: ( { type = "file"; path = "$work/events"; } );
EOF
}

# trace REPORT
trace() {
	rm -rf "$work/state" "$work/run" "$work/events"
	strace -f -c -S calls -o "$1" "$build/audisp-proclife" -f \
	    -c "$work/settings" 2>/dev/null
}

# A line a call, the most frequent first: its name, how often strace -c counted
# it, less what it counted for an idle plugin, and how often for an event.
count_calls() { # EVENTS REPORT [IDLE-REPORT]
	awk -v events="$1" '
	$1 !~ /^[0-9.]+$/ || $NF == "total" { next }
	FILENAME == ARGV[1] { idle[$NF] = $4; next }
	{ times[$NF] = $4 }
	END {
		for (call in times) {
			n = times[call] - idle[call]
			printf "%s %d %.4f\n", call, n, n / events
		}
	}' "${3:-/dev/null}" "$2" | sort -k 2,2nr
}

# Whatever is rarer than one in 10,000 events is left out.
print_call_table() { # EVENTS REPORT [IDLE-REPORT]
	count_calls "$@" >"$work/counted-calls"
	cat <<EOF

| audisp-proclife, $1 events: system call | times | an event |
| --- | ---: | ---: |
EOF
	awk '$3 >= 0.0001 { printf "| %s | %d | %s |\n", $1, $2, $3 }' \
	    "$work/counted-calls"
	echo
	# Where the processor's counter can be trusted, asking for the time is no
	# system call.
	judge "the commonest call that does not read, write or wait, an event" \
	    "$(awk '$1 !~ /read|write|recv|send|wait|poll|time/ {
		print $3
		exit
	}' "$work/counted-calls")" 0.01
}

print_calls() {
	local events
	if ! command -v strace >/dev/null; then
		printf '\nSystem calls: apt-get install strace\n'
		return
	fi
	write_settings
	: >"$work/pacct"
	trace "$work/calls-idle" </dev/null
	generate "$traced_lives" "$work/pacct" --base $(($(date +%s) - 5)) \
	    >"$work/stream"
	events=$(grep -c 'type=EOE' "$work/stream")
	trace "$work/calls" <"$work/stream"
	print_call_table "$events" "$work/calls" "$work/calls-idle"
}
