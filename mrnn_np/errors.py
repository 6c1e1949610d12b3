"""The ways a command of this package ends early, each one line on stderr with its own exit status."""


class CommandError(Exception):
    """The text is one line that says what is wrong, what was got and what to do."""

    exit_status = 1


class UserError(CommandError):
    """Something the user gave cannot be used: a file, an option, a machine.  Exit status 2."""

    exit_status = 2


class Diverged(CommandError):
    """Training left the numbers that floats can hold.  Exit status 3."""

    exit_status = 3
