"""The captioners that come with this package, trained and ready: a name where the file of a checkpoint is expected.

    python -m mrnn_np.caption --checkpoint flickr8k --image my.jpg
    python -c "from mrnn_np.training.shipped import about; print(about('flickr8k'))"

`mrnn_np.captioning.ship` made their files.
"""

import os
from pathlib import Path

from mrnn_np.errors import UserError
from mrnn_np.files import read_archive
from mrnn_np.files.json_files import checked, parse_json

FOLDER = Path(__file__).parents[1] / "captioners"
SHIPPED = {name: FOLDER / f"{name}.npz" for name in ("flickr8k", "scenes", "drawings")}
"""Their files, by the names they go by."""


def checkpoint_file(path: str | Path) -> str | Path:
    """Return the file that is meant: `path`, or the shipped captioner of that name where there is no such file.

    Raises
    ------
    UserError : it is a mere name, not one of SHIPPED, and no file has it
    """
    name = str(path)
    # A folder is no checkpoint, and Flickr8k's own is likely to be called flickr8k.
    if name in SHIPPED and not os.path.isfile(name):
        return SHIPPED[name]
    if name and name == Path(name).stem and not os.path.exists(name):
        known = ", ".join(SHIPPED)
        raise UserError(f"{name}: there is no such file, and no captioner of that name; those that come along: {known}")
    return path


def about(path: str | Path) -> dict[str, str]:
    """Return how a shipped captioner came about, in words; `path` is its name or its file.

    Raises
    ------
    UserError : it cannot be read, or says nothing of the kind
    """
    file = checkpoint_file(path)
    arrays = read_archive(file)
    if "about" not in arrays:
        raise UserError(
            f"{file}: does not say how it came about; python -m mrnn_np.captioning.ship makes one that does"
        )
    said: dict[str, str] = checked(parse_json(str(arrays["about"]), file), dict[str, str], f"{file}: about")
    return said
