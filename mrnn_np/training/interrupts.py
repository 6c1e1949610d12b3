"""Ctrl-C and SIGTERM: training stops between two steps, with everything saved."""

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

from mrnn_np.errors import CommandError


class Interrupted(CommandError):
    """The work was asked to stop, with its state saved.  The exit status is the shell's 128 + signal number."""

    known_to_all = True

    def __init__(self, number: int, how_to_go_on: str = "go on with --resume") -> None:
        super().__init__(f"interrupted by {signal.Signals(number).name}; nothing is lost, {how_to_go_on}")
        self.exit_status = 128 + number


class Interrupts:
    """While this context is open, the first signal is only remembered; a second one ends the process as usual.

    In a thread other than the main one, signals are left to whoever runs that.

    Parameters
    ----------
    agree : given the number of the signal that has come here, or 0, returns the one that has come to any process of the
        training, or 0
    """

    def __init__(self, agree: Callable[[int], int] = int) -> None:
        self._agree = agree
        self._received: int | None = None
        self._before: dict[int, object] = {}

    def __enter__(self) -> "Interrupts":
        for number in (signal.SIGINT, signal.SIGTERM) if in_main_thread() else ():
            self._before[number] = signal.signal(number, self._remember)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self._received = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._before = {}

    def check(self) -> None:
        """Raise Interrupted if a signal has come."""
        if number := self._agree(self._received or 0):
            raise Interrupted(number)


def in_main_thread() -> bool:
    """Whether this is the thread that Python allows to handle signals."""
    return threading.current_thread() is threading.main_thread()
