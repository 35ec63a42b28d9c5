# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What sinks cost the plugin, and what it does when a receiver takes nothing
# for a while. Sourced after measure.sh; expects $runs, $lives and $stopped
# besides.

# The plugin's CPU time grows with the turns it takes: also as slow as this.
paced_rate=700
paced_lives=7000

declare -A sink_titles=(
	[file]='file'
	[unix]='unix'
	[tcp]='tcp'
	[relp]='relp, no spool'
	[relp-spool]='relp'
	[all]='file, unix, tcp and relp, no spool'
	[all-spool]='file, unix, tcp and relp'
)

run_sinks() { # FILE LIVES [RATE]
	abs_top_builddir=$build "$top/tests/bench/sink-costs.py" "$runs" \
	    "${@:2}" >"$1"
}

sink_times() { # FILE NAME
	sed -n "s/^$2 \\(.*\\)/\\1 0/p" "$1" >"$work/sink-times"
	median 4 "$work/sink-times"
}

print_sink_costs() { # FILE LIVES TITLE
	local name time alone
	alone=$(sink_times "$1" file)
	cat <<EOF

| sinks, $2 lives $3 | CPU a life | spread | of the file alone |
| --- | ---: | ---: | ---: |
EOF
	for name in file unix tcp relp relp-spool all all-spool; do
		time=$(sink_times "$1" "$name")
		awk -v title="${sink_titles[$name]}" -v time="$time" \
		    -v lives="$2" -v alone="$alone" \
		    -v spread="$(spread "$work/sink-times")" 'BEGIN {
			printf "| %s | %.1f µs | %s %% | %.2f |\n", title,
			    time / lives, spread, time / alone }'
	done
	echo
	for name in all all-spool; do
		judge "${sink_titles[$name]}, of the file alone" \
		    "$(ratio "$(sink_times "$1" "$name")" "$alone")" 2
	done
}

print_stopped() {
	cat <<EOF

A receiver does nothing for $stopped s, at 2,000 events a second; the receiver
lacks lines, events of losses tell of so many.

| sink, spool | receiver | lines | lacks | told lost | twice | stdin unread | \
a write | peak memory |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
EOF
	abs_top_builddir=$build "$top/tests/bench/sink-stopped.py" "$stopped" |
	    awk 'BEGIN {
		what["none"] = "takes all"
		what["stop"] = "stopped"
		what["kill"] = "killed" }
	{ printf "| %s%s | %s | %d | %d | %d | %d | %d ms | %d ms | %.1f MiB |\n",
	    $1, $2 == "yes" ? ", spool" : "", what[$3], $4, $5, $6, $7, $8,
	    $10, $11 / 1024 }'
}

print_sinks() {
	run_sinks "$work/sinks-fast" "$lives"
	print_sink_costs "$work/sinks-fast" "$lives" "as fast as it can"
	run_sinks "$work/sinks-paced" "$paced_lives" "$paced_rate"
	print_sink_costs "$work/sinks-paced" "$paced_lives" \
	    "at $paced_rate a second"
	print_stopped
}
