"""Import matplotlib as a library that draws into files: windows and its own cache are no concern of ours.

An MPLBACKEND that it does not know would end the import, and a home folder that cannot be written is remarked upon.
A word that its font cannot show is drawn as boxes, which say so.
"""

import contextlib
import logging
import os
import warnings

backend = os.environ.pop("MPLBACKEND", None)
logging.getLogger("matplotlib").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from", UserWarning)

import matplotlib  # noqa: E402 - which reads both as it is imported

if backend is not None:
    os.environ["MPLBACKEND"] = backend
    with contextlib.suppress(ValueError):
        matplotlib.rcParams["backend"] = backend
