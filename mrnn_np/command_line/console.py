"""Standard output and standard error as commands write to them: what a console cannot take never ends a command."""

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

from mrnn_np.errors import UserError, printable


class Output:
    r"""A text stream that shows what its console cannot, as in ``\u72d7``, and what a terminal would obey.

    Parameters
    ----------
    stream : what is written to in the end; whatever else is asked of this object is asked of it
    kept : control characters that pass
    """

    def __init__(self, stream: TextIO, kept: str) -> None:
        self._stream = stream
        self._kept = kept
        self._encoding = stream.encoding or "utf-8"

    def write(self, text: str) -> int:
        """Write a text."""
        shown = printable(text, self._kept).encode(self._encoding, "backslashreplace").decode(self._encoding)
        with self._failing():
            self._stream.write(shown)
        return len(text)

    def flush(self) -> None:
        """Hand on what has been written so far."""
        with self._failing():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # What waits in the buffer must not fail again when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            self.fail(error)

    def fail(self, error: OSError) -> None:
        """Raise UserError; where the reader has read enough, as `| head`, leave quietly."""
        if isinstance(error, BrokenPipeError):
            sys.exit(141)
        raise UserError(f"standard output cannot be written ({error.strerror or error})") from None


class ErrorOutput(Output):
    """The same, of standard error."""

    def fail(self, error: OSError) -> None:
        """Go on: there is nobody to tell."""


@contextlib.contextmanager
def console() -> Iterator[None]:
    """Write to standard output and standard error by way of these classes, as long as this context is open."""
    before = sys.stdout, sys.stderr
    # Python has None for what was closed when it started.  The file opened here also keeps the number of a closed
    # standard error from being given to one of the command's own files.
    sys.stderr = cast(TextIO, ErrorOutput(sys.stderr or open(os.devnull, "w"), kept="\r\n"))
    if sys.stdout is not None:
        sys.stdout = cast(TextIO, Output(sys.stdout, kept="\n"))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def require_output() -> None:
    """Raise UserError where there is no standard output: the results would be lost."""
    if sys.stdout is None:
        raise UserError("standard output is closed; send it to a file, or to /dev/null")
