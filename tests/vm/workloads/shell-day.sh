#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# shell-day - what a shell starts and ends in a day.
#
# For a child that it waits for it writes "S <pid> <$?>" into the file $TRUTH.
set -u
shopt -s extglob
dir=$(mktemp -d /tmp/shell-day.XXXXXX)
cd "$dir" || exit
truth=${TRUTH:-/dev/null}

# Runs a command as a background job and writes down how it ended.
told() {
	"$@" &
	told_wait "$!"
}

told_wait() {
	wait "$1"
	echo "S $1 $?" >>"$truth"
}

pipes() {
	seq 1 50 | sort -rn | head -n 3 | wc -l
	yes | head -n 1
	seq 1 3 | while read -r n; do echo "$n" | cat | wc -c; done
	echo a | cat | cat | cat | cat | cat | cat | cat | cat | cat | cat |
	    cat | cat | cat | cat | cat | cat | cat | cat | cat | cat | wc -c
	head -c 300000 /dev/zero | tr '\0' x | gzip -1 | gunzip | wc -c
	cat <(seq 1 5) <(seq 6 9) | tail -n 1
	echo out | tee >(cat >file1) >(cat >file2) | cat
}

subshells() {
	(exit 3)
	(
		(exit 4)
		(true; exit 5)
		exit 6
	)
	: "$(echo one; exit 7)" "$(: "$(date +%s)")"
	(cd / && exec ls) | wc -l
	{ echo group; sleep 0.01; } | cat
	told eval 'exit 8'
	told command false
}

background() {
	local -a pids=()
	local n

	for n in 1 2 3 4 5; do
		sleep "0.0$n" &
		pids+=("$!")
	done
	for n in "${pids[@]}"; do
		told_wait "$n"
	done
	for n in 1 2 3 4 5 6 7 8; do
		(exit "$n") &
	done
	wait -n
	wait
	coproc cat
	n=${COPROC[1]}
	echo word >&"$n"
	exec {n}>&-
	wait
}

signalled_jobs() {
	local name job

	for name in TERM KILL HUP USR1 ALRM SEGV ABRT PIPE; do
		sleep 100 &
		job=$!
		kill -"$name" "$job"
		told_wait "$job"
	done
	# A background job of a shell without job control ignores these two.
	sleep 100 &
	job=$!
	sleep 0.1
	kill -INT "$job"
	kill -QUIT "$job"
	kill -TERM "$job"
	told_wait "$job"
	sleep 0.5 &
	job=$!
	kill -STOP "$job"
	sleep 0.1
	kill -CONT "$job"
	told_wait "$job"
	told bash -c 'trap "exit 9" TERM; kill -TERM $$; sleep 1'
	(
		set -m
		sleep 100 | cat &
		kill -TERM %1
		wait %1
	)
}

crashes() {
	local limit

	for limit in 0 unlimited; do
		ulimit -S -c "$limit"
		told sh -c 'kill -SEGV $$'
		sh -c 'kill -QUIT $$'
		sh -c 'kill -INT $$; exit 4'
		told sh -c 'kill -BUS $$; exit 1'
		sh -c 'sh -c "kill -ABRT \$\$"; exit 2'
		sh -c 'kill -KILL $$'
	done
	rm -f /tmp/core.+([0-9])
	ulimit -S -c 0
}

orphans() {
	(sleep 0.2 &)
	sh -c 'sh -c "sleep 0.1; exec true" & exit 3'
	(sh -c 'sh -c "sleep 0.2; kill -TERM \$\$" & sleep 0.1' &)
	# Killed, the parent leaves its child.
	told sh -c 'sleep 0.2 & kill -KILL $$'
}

daemons() {
	setsid sh -c 'cd /; (sleep 0.2; exec true daemon) & exit 0'
	setsid -f sh -c 'sleep 0.1; exit 4'
	nohup sh -c 'sleep 0.1' >nohup.out 2>&1 &
	setsid --wait sh -c 'exit 5'
}

scripts() {
	printf '#!/bin/sh\nexit 3\n' >plain
	printf '#!/bin/bash -e\nfalse\nexit 4\n' >argument
	printf '#!/usr/bin/env bash\nexit 5\n' >by-env
	printf '#!%s/plain an argument\n' "$dir" >nested
	printf '#!%s/nested\n' "$dir" >deeper
	printf 'exit 6\n' >headless
	printf '#!/bin/busybox sh\nexec /bin/busybox true\n' >static
	chmod +x plain argument by-env nested deeper headless static
	told ./plain
	told ./argument one two
	told ./by-env
	told ./nested 'a b' ''
	told ./deeper
	told ./headless
	told ./static
	told sh plain
	told bash -c '. ./plain'
	told busybox sh -c 'busybox true; exit 7'
}

failed_execs() {
	printf 'not a program\0\1\2' >garbage
	printf '#!/nonexistent/interpreter\n' >orphaned
	printf '\177ELF\2\1\1\0\0' >badelf
	cp plain forbidden
	chmod +x garbage orphaned badelf
	chmod -x forbidden
	mkdir -p directory
	told /nonexistent/program
	told nonexistent-program
	told ./forbidden
	told ./directory
	told ./garbage
	told ./orphaned
	told ./badelf
	told env nonexistent-program
	told env PATH=/a:/b:/c:/usr/bin:/bin true
	told /bin/true "$(head -c 200000 /dev/zero | tr '\0' x)"
	told sh -c 'exec ./garbage || exit 3'
}

exec_chains() {
	told sh -c 'exec sh -c "exec sh -c \"exec sh -c \\\"exit 9\\\"\""'
	told env -i nice -n 5 timeout 5 setsid -w env sh -c 'exit 10'
	(exec -a renamed true)
	(exec true)
	told nice nice nice nice nice nice nice nice true
}

tools() {
	printf '%s\n' one two 'three four' | xargs -n 1 -P 2 echo
	seq 1 20 | xargs -n 3 sh -c 'exit 0' sh
	find . -maxdepth 1 -type f -exec sh -c 'exit 0' {} \;
	find . -maxdepth 1 -type f -exec ls {} + >/dev/null
	told timeout 0.1 sleep 100
	told timeout -s KILL 0.1 sleep 100
	told timeout --foreground -s INT 0.1 sleep 100
	told timeout 5 sh -c 'exit 11'
	cat <<-END | wc -l
		a here-document
		$(seq 2)
	END
	wc -c <<<"a here-string"
	bash -c 'trap "true; ls / >/dev/null" EXIT; exit 12'
	time true
	echo 'echo from stdin; exit 13' | sh
	printf 'all: a\n\t@true\na:\n\t@echo a | cat\n\t-@false\n' >Makefile
	make -s
}

arguments() {
	/bin/true '' ' ' 'a "quoted" word' $'two\nlines' $'\xff\xfe' 'ünïcode'
	/bin/true "$(head -c 20000 /dev/zero | tr '\0' y)" after
	# shellcheck disable=SC2046
	/bin/true $(seq 1 2000)
}

pipes
subshells
background
signalled_jobs
crashes
orphans
daemons
scripts
failed_execs
exec_chains
tools
arguments
/vmtest/workloads/pty-session
cd / || exit
rm -r "$dir"
exit 0
