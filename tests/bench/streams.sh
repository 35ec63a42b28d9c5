# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The streams of scripts/bench: what each program costs on each of them. Sourced
# after measure.sh; expects $runs, $lives and $laurel besides.

streams=(lives mixed storm deep)
declare -A stream_options=(
	[lives]=''
	[mixed]='--shape mixed --rate 500'
	[storm]='--shape storm --rate 20000'
	[deep]='--shape storm --rate 100000 --services 1500 --open 500'
)
declare -A stream_titles=(
	[lives]='lives: process records only'
	[mixed]='mixed: one event in ten is of a process'
	[storm]='storm: short lives, 100 events in progress at once'
	[deep]='deep: as storm, 500 events in progress at once'
)

# As many records of each; where others surround them, fewer lives.
lives_of() { # STREAM
	case $1 in
	mixed) echo $((lives / 10)) ;;
	*) echo "$lives" ;;
	esac
}

make_streams() {
	local name
	for name in "${streams[@]}"; do
		mkdir -p "$work/$name"
		# shellcheck disable=SC2086 # several options
		generate "$(lives_of "$name")" "$work/$name/pacct" \
		    ${stream_options[$name]} >"$work/$name/stream"
		wc -l <"$work/$name/stream" >"$work/$name/records"
	done
}

# The programs: each is given the name of a stream.

run_floor() {
	measure "$work/$1/floor" wc -l <"$work/$1/stream" >/dev/null
}

run_bare() {
	measure "$work/$1/bare" "$build/tests/bareloop" \
	    <"$work/$1/stream" 2>/dev/null
}

# What is quick but wrong is not worth measuring.
run_proclife() {
	local ends
	run_replay "$work/$1/proclife" "$work/$1" 2>"$work/$1/complaints" || {
		cat "$work/$1/complaints" >&2
		return 1
	}
	ends=$(grep -c '"action":"end"' "$work/replayed" || :)
	[ "$ends" -eq "$(lives_of "$1")" ] && return 0
	echo "bench: $1: $ends of $(lives_of "$1") ends were told" >&2
	return 1
}

# By its defaults, and its output in files as Debian's package has it.
run_laurel() {
	measure "$work/$1/laurel" "$laurel" -c "$work/laurel.toml" \
	    <"$work/$1/stream" 2>/dev/null
}

set_up_laurel() {
	mkdir -p "$work/laurel"
	cat >"$work/laurel.toml" <<EOF
directory = "$work/laurel"
[auditlog]
file = "audit.log"
size = 5000000
generations = 10
EOF
}

programs=(floor bare proclife)
declare -A program_titles=(
	[floor]="\`wc -l\`"
	[bare]='bare loop'
	[proclife]='proclife, whole job, to a file'
)

find_laurel() {
	if ! command -v "$laurel" >/dev/null; then
		printf '\nLAUREL is not here: apt-get install laurel\n'
		return
	fi
	set_up_laurel
	programs+=(laurel)
	program_titles[laurel]="LAUREL $("$laurel" --version |
	    awk '{ print $NF }'), to files"
}

# All by turns, so that a slow moment of the machine hits each.
run_programs() {
	local i stream program
	for ((i = 0; i < runs; i++)); do
		for stream in "${streams[@]}"; do
			for program in "${programs[@]}"; do
				"run_$program" "$stream"
			done
		done
	done
}

time_of() { # STREAM PROGRAM
	median 4 "$work/$1/$2"
}

print_row() { # STREAM PROGRAM
	awk -v title="${program_titles[$2]}" -v time="$(time_of "$1" "$2")" \
	    -v spread="$(spread "$work/$1/$2")" \
	    -v peak="$(median 3 "$work/$1/$2")" \
	    -v base="$(time_of "$1" bare)" -v lives="$(lives_of "$1")" \
	    -v records="$(cat "$work/$1/records")" 'BEGIN {
		printf "| %s | %.2f s | %s %% | %.1f µs | %.2f | %.1f MiB |\n",
		    title, time / records, spread, time / lives, time / base,
		    peak / 1024 }'
}

print_stream() { # STREAM
	local program
	cat <<EOF

${stream_titles[$1]}; $(lives_of "$1") lives, $(cat "$work/$1/records") records

| program | CPU, 1,000,000 records | spread | a life | ratio | peak memory |
| --- | ---: | ---: | ---: | ---: | ---: |
EOF
	for program in "${programs[@]}"; do
		print_row "$1" "$program"
	done
}

# How many times proclife's own that is.
ratio_to() { # STREAM PROGRAM
	ratio "$(time_of "$1" proclife)" "$(time_of "$1" "$2")"
}

cost_of_record() { # STREAM
	awk -v time="$(time_of "$1" proclife)" \
	    -v records="$(cat "$work/$1/records")" \
	    'BEGIN { print time / records }'
}

judge_streams() {
	local name
	judge "lives, of the bare loop" "$(ratio_to lives bare)" 1.5
	[ ! -e "$work/lives/laurel" ] ||
	    judge "lives, of LAUREL" "$(ratio_to lives laurel)" 0.167
	judge "mixed, of the bare loop" "$(ratio_to mixed bare)" 0.35
	for name in storm deep; do
		judge "$name, a record, of one of lives" \
		    "$(ratio "$(cost_of_record "$name")" \
		        "$(cost_of_record lives)")" 1.3
	done
}

print_streams() {
	local name
	find_laurel
	make_streams
	run_programs
	for name in "${streams[@]}"; do
		print_stream "$name"
	done
	echo
	judge_streams
}
