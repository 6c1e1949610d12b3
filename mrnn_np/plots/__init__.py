"""Every picture the commands draw, in one look; what notebooks alone draw is in `teaching.plots`.

style         colours, `Picture` and empty axes
curves        a run's learning curves
benchmarks    speeds beside each other, and how a cost grows
contact_sheet pictures with their captions

Matplotlib is imported as a library that draws into files: windows and its own cache are no concern of ours.  An
MPLBACKEND that it does not know would end the import, and a home folder that cannot be written is remarked upon.
"""

import contextlib
import logging
import os

backend = os.environ.pop("MPLBACKEND", None)
logging.getLogger("matplotlib").setLevel(logging.ERROR)

import matplotlib  # noqa: E402 - which reads both as it is imported

if backend is not None:
    os.environ["MPLBACKEND"] = backend
    with contextlib.suppress(ValueError):
        matplotlib.rcParams["backend"] = backend
