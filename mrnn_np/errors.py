"""The ways a command of this package ends early, each one line on stderr with its own exit status."""

LONGEST = 1000
"""Characters that a message has at the most."""

JOINERS = "\u200c\u200d"
"""Invisible, yet part of how Persian, Hindi and emoji are spelled."""


class CommandError(Exception):
    """The text is one line that says what is wrong, what was got and what to do; `one_line` makes it so."""

    exit_status = 1
    known_to_all = False
    """Of several processes that train together, whether each has this error at the same step."""

    def __init__(self, text: str) -> None:
        super().__init__(one_line(text))


class UserError(CommandError):
    """Something the user gave cannot be used: a file, an option, a machine.  Exit status 2."""

    exit_status = 2


class Diverged(CommandError):
    """Training left the numbers that floats can hold.  Exit status 3."""

    exit_status = 3
    known_to_all = True


def printable(text: str, kept: str = "") -> str:
    r"""Return `text` with what a terminal would obey, or could not show, made visible as in ``\x1b``, but for `kept`.

    Names and words come from files that anybody may have written: their escape sequences, line ends, lone
    surrogates and bidirectional overrides must not reach the terminal.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in JOINERS + kept else repr(c)[1:-1] for c in text)


def one_line(text: str) -> str:
    """Return `text` printable and no longer than a message may be, with its middle left out where it is."""
    text = printable(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}...{text[3 - LONGEST // 2 :]}"
