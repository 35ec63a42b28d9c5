#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# accounting - deaths while accounting is rotated, cut, switched, paused and
# frozen; or, where the plugin has a file of its own, while that changes.
#
# Of each file that the kernel wrote, a name or a copy is kept, numbered, for
# whoever reads all of it later. /dev/vdb is a small disk for us alone.
set -u

account=/var/log/account
file=$account/pacct
small=/var/account
own=/var/lib/proclife/pacct
events=/var/log/proclife
kept=0
expected=
wanted=0

die() {
	echo "accounting: $*" >&2
	exit 1
}

deaths() {
	/vmtest/workloads/few-deaths || die "deaths fail"
	(exit 3)
	sh -c 'exit 4'
	sh -c 'kill -KILL $$'
}

keep() {
	kept=$((kept + 1))
	ln "$1" "$account/kept/$kept" 2>/dev/null ||
	    cp "$1" "$account/kept/$kept"
}

losses_told() {
	cat "$events"/events-*.jsonl | grep -c "\"source\":\"$1\""
}

# Whether the plugin notices by itself, in bounded time, what comes next: how
# often a loss is told for it.
expect() {
	expected=$1
	wanted=$(($(losses_told "$expected") + ${2:-1}))
}

met() {
	local tries=300

	until [ "$(losses_told "$expected")" -ge "$wanted" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] ||
		    die "line ${BASH_LINENO[0]}: $expected is not told"
		sleep 0.1
	done
}

# Damage is told 10 s after damage before it, with a loss that is not to be
# taken for the next one.
damage_told() {
	local tries=300

	until grep -q "the accounting file held what is no record" \
	    "$events"/events-*.jsonl; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || die "damage is not told"
		sleep 0.1
	done
}

# logrotate of psacct: rename, create, and only then accton.
renamed() {
	keep "$file"
	mv "$file" "$file-20260101"
	deaths
	touch "$file"
	deaths
	accton "$file"
	deaths
}

# Debian's daily job.
saved() {
	keep "$file"
	savelog -q -g adm -m 0640 -u root -c 30 "$file" >/dev/null
	deaths
	accton off
	deaths
	accton "$file"
	deaths
}

switched_to_the_same() {
	accton "$file"
	deaths
}

copied_and_cut() {
	keep "$file"
	cp --remove-destination "$file" "$account/kept/$kept"
	: >"$file"
	deaths
}

off() {
	accton off
	deaths
}

on() {
	touch "$1"
	accton "$1"
	deaths
}

removed() {
	keep "$file"
	rm "$file"
	deaths
	touch "$file"
	accton "$file"
	deaths
}

# Three bytes before the first record.
unaligned() {
	keep "$file"
	accton off
	rm "$file"
	printf abc >"$file"
	accton "$file"
	deaths
}

filled() {
	head -c 64M /dev/zero >"$small/ballast" 2>/dev/null
	sleep 1.1
	deaths
	sleep 1.1
	deaths
}

freed() {
	rm "$small/ballast"
	sleep 1.1
	deaths
	deaths
}

frozen() {
	fsfreeze --freeze "$small"
	deaths
}

thawed() {
	fsfreeze --unfreeze "$small"
	deaths
}

# Who is just writing keeps it busy (fs/namespace.c,
# sb_prepare_remount_readonly()).
read_only() {
	local tries=50
	until mount -o remount,ro "$small"; do
		[ $((tries -= 1)) -gt 0 ] || die "remount"
		sleep 0.1
	done
	deaths
}

writable() {
	mount -o remount,rw "$small" || die "remount"
	accton "$small/pacct"
	deaths
}

follow() {
	deaths
	renamed
	saved
	switched_to_the_same
	copied_and_cut
	expect accounting_off
	off
	met
	expect accounting_off
	on "$file"
	met
	removed
	unaligned

	keep "$file"
	mkdir -p "$small"
	mount /dev/vdb "$small" || die "no second disk"
	echo 4 2 1 >/proc/sys/kernel/acct
	touch "$small/pacct"
	accton "$small/pacct"
	deaths
	expect accounting_paused
	filled
	met
	expect accounting_paused
	freed
	met
	damage_told
	expect accounting_off
	frozen
	met
	expect accounting_off
	thawed
	met
	expect accounting_off
	read_only
	met
	expect accounting_off
	writable
	met
	keep "$small/pacct"
	rm "$file"
	touch "$file"
	accton "$file"
	deaths
	echo 4 2 30 >/proc/sys/kernel/acct
}

own() {
	local changes=0 was is

	was=$(stat -c '%i %W' "$own")
	SECONDS=0
	while [ "$changes" -lt 5 ]; do
		deaths
		is=$(stat -c '%i %W' "$own")
		[ "$is" = "$was" ] || changes=$((changes + 1))
		was=$is
		[ "$SECONDS" -lt 300 ] || die "$changes changes of files"
	done
	accton "$own"
	deaths
	# The plugin takes it back by itself: that it is off, and on again.
	expect accounting_off 2
	off
	met
	deaths
	expect accounting_off 2
	on "$account/other"
	met
	deaths
}

mkdir -p "$account/kept"
if grep -q acct=own /proc/cmdline; then
	own
else
	follow
fi
exit 0
