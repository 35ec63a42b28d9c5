# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the parts of scripts/bench have in common: streams are made, programs
# measured, bars judged. Sourced; expects $build and $work.

# A busy machine, 5000 lives a second. Pids come back some 17 seconds later. No
# crashes, since after one auparse of before 4.0 holds
# back all events for two seconds of the stream, at a cost that grows with
# their square: the bare loop would stand no chance.
generate_options=(--services 60 --live-max 30000 --rate 5000
	--pids 3000000-3098303 --no-crashes)

# generate LIVES ACCOUNTING-FILE [OPTION]...
generate() {
	"$build/tests/generate" "${generate_options[@]}" --lives "$1" \
	    --acct "$2" "${@:3}"
}

# measure REPORT COMMAND...: a line "user-us system-us peak-KiB" in REPORT.
measure() {
	"$build/tests/measure" "$@"
}

# The whole job, from saved records to events in a file. The plugin itself would
# look for the processes of the stream in /proc, and tell them as vanished.
run_replay() { # REPORT [FOLDER]
	local from=${2:-$work}
	measure "$1" "$build/proclife" replay --acct "$from/pacct" \
	    "$from/stream" >"$work/replayed"
}

# median COLUMN FILE, where column 4 is user and system time together
median() {
	awk -v column="$1" '{ $4 = $1 + $2; print $column }' "$2" | sort -n |
	    awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# spread FILE: how far the times of the runs lie apart, in percent
spread() {
	awk '{ t = $1 + $2 } NR == 1 || t < low { low = t }
	    t > high { high = t }
	    END { printf "%.0f", (high - low) * 100 / (low > 0 ? low : 1) }' \
	    "$1"
}

# ratio DIVIDEND DIVISOR
ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

# judge WHAT VALUE LIMIT: whether a bar is met
judge() {
	awk -v what="$1" -v value="$2" -v limit="$3" 'BEGIN {
		printf "- %s: %s, at most %s: %s\n", what, value, limit,
		    value + 0 <= limit + 0 ? "met" : "**not met**" }'
}
