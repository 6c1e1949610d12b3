"""What the notebooks need beside the package itself: checks of their exercises, and small models to look at.

A check answers with what is wrong (the shape, the index, the sign), never with the solution.  Its docstring says what
the learner's function is given and what it has to return: "From w (T, d) and U_r (d, d) to r (T, d)".

The notebooks begin with `from mrnn_np.teaching import Source, answer, one_thread, plots`, and the module of their own
exercises as `check`.
"""

from contextlib import suppress

from mrnn_np.backend.threads import limit_threads
from mrnn_np.errors import UserError
from mrnn_np.teaching.prediction import answer
from mrnn_np.teaching.source import Source

__all__ = ["Source", "answer", "one_thread"]


def one_thread() -> None:
    """Compute with one thread from now on, where NumPy's library can be told so.

    The matrices of the notebooks are small: more threads gain nothing on them, and beside other work on the computer
    they wait for one another, which has cost forty times the time.
    """
    with suppress(UserError):
        limit_threads(1)
