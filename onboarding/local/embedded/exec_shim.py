"""Becomes the child: changes the account, ties the life to the parent's, then runs the command in its place.

Run as a script by `processes.start_child`: the calls below belong between fork and exec, and Python's `preexec_fn` is
unsafe in a program with threads. The order matters: a change of account clears the death signal, exec keeps it.

Arguments: PARENT_PID DEATH_SIGNAL ACCOUNT COMMAND...   where ACCOUNT is `uid:gid`, or `-` for no change.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def become(parent_pid: int, death_signal: int, account: str, command: list[str]) -> None:
    """Replace this process by `command`; end at once if the parent is gone already."""
    if account != "-":
        _change_account(*(int(part) for part in account.split(":")))
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    # A shell starts its background jobs with SIGINT ignored, and exec passes that on: the child would not stop by it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if os.getppid() != parent_pid:  # it ended before the signal was set, so the signal will never come
        sys.exit("the parent process is gone")
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted: the arguments are a list


def _change_account(uid: int, gid: int) -> None:
    """Give up root for good: groups first, while it is still allowed."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
