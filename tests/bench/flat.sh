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

# flat_folder ROW LIVES
flat_folder() {
	echo "$work/flat-$1-$2"
}

make_flat() {
	local i count folder others pids
	for i in "${!flat_rows[@]}"; do
		IFS=: read -r _ others pids <<<"${flat_rows[i]}"
		for count in "$flat_few" "$flat_many"; do
			folder=$(flat_folder "$i" "$count")
			mkdir "$folder"
			generate $((others + count)) "$folder/pacct" \
			    --sleepers "$others" --pids "$pids" \
			    --live-max $((others + 30000)) >"$folder/stream"
		done
	done
}

# What is wrong is not worth measuring: init and all others start once.
check_flat() { # ROW LIVES
	local others starts
	IFS=: read -r _ others _ <<<"${flat_rows[$1]}"
	starts=$(grep -c '"action":"fork"' "$work/replayed" || :)
	[ "$starts" -eq $((1 + others + $2)) ] ||
	    echo "bench: ${flat_rows[$1]%%:*}: $starts starts were told of" \
	        "$((1 + others + $2))" >&2
}

# All by turns, as in streams.sh.
run_flat() {
	local turn i count folder
	for ((turn = 0; turn < runs; turn++)); do
		for i in "${!flat_rows[@]}"; do
			for count in "$flat_few" "$flat_many"; do
				folder=$(flat_folder "$i" "$count")
				run_replay "$folder/times" "$folder" \
				    2>"$folder/complaints"
				check_flat "$i" "$count"
			done
		done
	done
}

# The microseconds of a life, a line a run, as median and spread expect them.
flat_costs() { # ROW
	paste "$(flat_folder "$1" "$flat_few")/times" \
	    "$(flat_folder "$1" "$flat_many")/times" |
	    awk -v lives=$((flat_many - flat_few)) \
	        '{ print ($4 + $5 - $1 - $2) / lives, 0, 0 }'
}

print_flat() {
	local i title cost first=
	make_flat
	run_flat
	cat <<'EOF'

| a life | CPU time | spread | ratio |
| --- | ---: | ---: | ---: |
EOF
	for i in "${!flat_rows[@]}"; do
		title=${flat_rows[i]%%:*}
		flat_costs "$i" >"$work/flat"
		cost=$(median 4 "$work/flat")
		: "${first:=$cost}"
		printf '| %s | %.1f µs | %s %% | %s |\n' "$title" "$cost" \
		    "$(spread "$work/flat")" "$(ratio "$cost" "$first")"
		judge "a life $title, of the first" \
		    "$(ratio "$cost" "$first")" 1.2 >>"$work/flat-judged"
	done
	echo
	tail -n +2 "$work/flat-judged"
}
