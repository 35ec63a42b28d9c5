# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shows the life of one process and of all that descend from it, from
# proclife's events, indented as a tree:
#
#   awk -v pid=PID -f lives.awk events-*.jsonl
#
# Exits with 1 if the process has not ended yet.

# Stores each value of a JSON object under its path: field["process.args.0"].
function flatten(s, depth, c, token, key, has_key, prefix, kind, count) {
	split("", field)
	while (s != "") {
		sub(/^[ \t,:]+/, "", s)
		c = substr(s, 1, 1)
		if (c == "{" || c == "[") {
			if (depth > 0)
				prefix[depth + 1] = prefix[depth] \
				    (has_key ? key : count[depth]++) "."
			depth++
			kind[depth] = c
			count[depth] = has_key = 0
			s = substr(s, 2)
		} else if (c == "}" || c == "]") {
			depth--
			s = substr(s, 2)
		} else {
			if (!match(s, /^"([^"\\]|\\.)*"/) &&
			    !match(s, /^[^],} \t]+/))
				return
			token = substr(s, 1, RLENGTH)
			s = substr(s, RLENGTH + 1)
			gsub(/^"|"$/, "", token)
			gsub(/\\"/, "\"", token)
			if (kind[depth] == "{" && !has_key) {
				key = token
				has_key = 1
			} else {
				field[prefix[depth] \
				    (has_key ? key : count[depth]++)] = token
				has_key = 0
			}
		}
	}
}

function arguments(    i, text) {
	for (i = 0; ("process.args." i) in field; i++)
		text = text (i > 0 ? " " : "") field["process.args." i]
	return text
}

function cause(    text) {
	text = field["proclife.end"]
	if ("proclife.exit.code" in field)
		text = "exit " field["proclife.exit.code"]
	else if ("proclife.exit.signal_name" in field)
		text = field["proclife.exit.signal_name"]
	if (field["proclife.exit.core_dumped"] == "true")
		text = text ", core dumped"
	if (field["proclife.exit.certain"] == "false")
		text = text " (uncertain)"
	if ("proclife.usage.elapsed_ms" in field)
		text = text ", after " field["proclife.usage.elapsed_ms"] " ms"
	return text
}

function what(action) {
	if (action == "fork")
		return "by " field["process.parent.pid"] " " \
		    field["process.parent.name"]
	if (action == "exec")
		return arguments()
	return cause()
}

{
	flatten($0)
	id = field["process.entity_id"]
	action = field["event.action"]
	if (id == "" || action !~ /^(fork|exec|end)$/)
		next
	parent = field["process.parent.entity_id"]
	# The number may have been another's before: the newest counts.
	if (action == "fork" && field["process.pid"] == pid) {
		split("", depth)
		shown = ended = 0
		top = id
		depth[id] = 1
	} else if (!(id in depth) && parent in depth) {
		depth[id] = depth[parent] + 1
	}
	if (!(id in depth))
		next
	lines[++shown] = sprintf("%" 2 * depth[id] "s%-4s %s %s", "", action,
	    field["process.pid"], what(action))
	if (action == "end" && id == top)
		ended = 1
}

END {
	for (i = 1; i <= shown; i++)
		print lines[i]
	exit !ended
}
