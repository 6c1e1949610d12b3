"""Ctrl-C, SIGTERM and a closed terminal: the comparison stops its trainings, which save, and ends in one line."""

import signal
from types import FrameType

from mrnn_np.errors import CommandError


class Stopped(CommandError):
    """The comparison was told to stop.  The exit status is the shell's 128 + signal number."""

    def __init__(self, number: int) -> None:
        name = signal.Signals(number).name
        super().__init__(f"interrupted by {name}; nothing is lost, give the same command again to go on")
        self.exit_status = 128 + number


def raise_at_signals() -> None:
    """Raise Stopped, wherever this process is, at every signal that asks it to stop."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # which nohup asked for
        signal.signal(signal.SIGHUP, stop)


def stop(number: int, frame: FrameType | None) -> None:
    """Handle a signal."""
    raise Stopped(number)
