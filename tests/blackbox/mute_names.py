# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a program where the name server gives no answers; namespaces for the
network and for mounts are its own by now.
usage: mute_names.py RESOLV_CONF ASKED PROGRAM [ARGUMENT]...

ASKED is made when the first question came."""
import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys

SIOCSIFFLAGS = 0x8914
IFF_UP = 1
PR_SET_PDEATHSIG = 1


def serve(s, asked):
    """Until the program is gone, which this one is a child of."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    while s.recv(65536):
        open(asked, "w").close()


def main():
    conf, asked, *program = sys.argv[1:]
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))
    s.bind(("127.0.0.1", 53))
    subprocess.run(["/bin/mount", "--bind", conf,
                    os.path.realpath("/etc/resolv.conf")], check=True)
    if os.fork() == 0:
        serve(s, asked)
    os.execv(program[0], program)


main()
