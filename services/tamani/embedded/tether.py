"""Start a program that cannot outlive its supervisor.

Run as a plain script before the real program: it gives up root where asked, asks the kernel for a signal at the
supervisor's death, and becomes the program. `preexec_fn` would do the same in a forked copy of a threaded process,
which CPython calls unsafe; and the kernel forgets the request when the user changes, so the order here matters.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def tie(signum: int) -> None:
    """Ask the kernel to send this process a signal when its parent (the thread that started it) has ended.

    Raises:
        OSError: the kernel refuses.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")


def main() -> None:
    """`tether.py SUPERVISOR_PID SIGNAL UID GID PROGRAM [ARGUMENT…]`; UID 0 keeps the present user."""
    supervisor, signum, uid, gid = (int(word) for word in sys.argv[1:5])
    os.umask(0o077)
    if uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    tie(signum)
    if os.getppid() == supervisor:  # else it died before the kernel knew: nobody would ever end us
        os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606 - no shell is wanted here


if __name__ == "__main__":
    main()
