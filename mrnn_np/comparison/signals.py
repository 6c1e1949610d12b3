"""Ctrl-C, SIGTERM and a closed terminal: the comparison stops its trainings, which save, and ends in one line."""

import signal
from types import FrameType

from mrnn_np.training.interrupts import Interrupted, in_main_thread


def raise_at_signals() -> None:
    """Raise Interrupted, wherever this process is, at every signal that asks it to stop.

    In a thread other than the main one, signals are left to whoever runs that.
    """
    if not in_main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # which nohup asked for
        signal.signal(signal.SIGHUP, stop)


def stop(number: int, frame: FrameType | None) -> None:
    """Handle a signal."""
    raise Interrupted(number, "give the same command again to go on")
