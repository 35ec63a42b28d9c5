# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Whether a life costs the same however many others live, and when numbers are
# used again soon. Sourced after measure.sh; expects $runs.

# A life's cost is that of many lives less that of few, among the same others.
flat_few=20000
flat_many=120000

flat_rows=(
	'among 1,000 others:1000:300-4194303'
	'among 30,000 others:30000:300-4194303'
	'among 1,000,000 others:1000000:300-4194303'
	'among 1,000 others, numbers used again after a second:1000:300-8300'
)

make_flat() { # OTHERS PIDS
	local count
	for count in "$flat_few" "$flat_many"; do
		mkdir -p "$work/flat-$count"
		rm -f "$work/flat-$count/times"
		generate $(($1 + count)) "$work/flat-$count/pacct" \
		    --sleepers "$1" --live-max $(($1 + 30000)) --pids "$2" \
		    >"$work/flat-$count/stream"
	done
}

# The microseconds of a life, a line a run, as median and spread expect them.
measure_flat() {
	local i count
	for ((i = 0; i < runs; i++)); do
		for count in "$flat_few" "$flat_many"; do
			run_replay "$work/flat-$count/times" \
			    "$work/flat-$count"
		done
	done
	paste "$work/flat-$flat_few/times" "$work/flat-$flat_many/times" |
	    awk -v lives=$((flat_many - flat_few)) \
	        '{ print ($4 + $5 - $1 - $2) / lives, 0, 0 }'
}

print_flat_rows() {
	local row title others pids cost first=
	for row in "${flat_rows[@]}"; do
		IFS=: read -r title others pids <<<"$row"
		make_flat "$others" "$pids"
		measure_flat >"$work/flat"
		cost=$(median 4 "$work/flat")
		: "${first:=$cost}"
		printf '| %s | %.1f µs | %s %% | %s |\n' "$title" "$cost" \
		    "$(spread "$work/flat")" "$(ratio "$cost" "$first")"
		judge "a life $title, of the first" \
		    "$(ratio "$cost" "$first")" 1.2 >>"$work/flat-judged"
	done
}

print_flat() {
	cat <<'EOF'

| a life | CPU time | spread | ratio |
| --- | ---: | ---: | ---: |
EOF
	print_flat_rows
	echo
	tail -n +2 "$work/flat-judged"
}
