"""Ctrl-C while a command is still importing what it needs, so that it needs nothing of this package itself."""

import contextlib
import os
import signal
import sys
from types import FrameType


def is_a_command_starting() -> bool:
    """Whether Python is about to run a module of this package, as in ``python -m mrnn_np.train``."""
    return sys.argv[:1] == ["-m"] and "mrnn_np." in " ".join(sys.orig_argv)


def quit_at_ctrl_c() -> None:
    """Let Ctrl-C end the process in one line until `run_command` is reached: there is nothing to save yet."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not in the background, where it is ignored
        signal.signal(signal.SIGINT, _quit)


def raise_at_ctrl_c() -> None:
    """Let Ctrl-C raise KeyboardInterrupt again, as Python does, so that files are closed and half of one removed."""
    if signal.getsignal(signal.SIGINT) is _quit:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _quit(number: int, frame: FrameType | None) -> None:
    first = os.environ.get("PMI_RANK", "0") == "0"  # of several processes, one says so
    with contextlib.suppress(OSError):
        os.write(2 if first else os.open(os.devnull, os.O_WRONLY), b"error: interrupted\n")
    os._exit(128 + number)
