"""The pictures that somebody names, one by one or by their folders, and what in these folders is none."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mrnn_np.data.names import image_name
from mrnn_np.errors import UserError, printable
from mrnn_np.vision.picture_files import SUFFIXES, is_picture

_NAMED = 5  # of the files left out


@dataclass(frozen=True)
class Image:
    """A picture file, and what it is called in the file of features."""

    name: str
    path: Path


@dataclass(frozen=True)
class Found:
    """The images that were asked for, and what else lies in their folders."""

    images: list[Image] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def remark(self) -> str:
        """Return a line that counts and names what is left out, "" where nothing is."""
        if not self.left_out:
            return ""
        count = len(self.left_out)
        what = (
            "1 file left out, which is no picture" if count == 1 else f"{count:,} files left out, which are no pictures"
        )
        names = ", ".join(printable(name) for name in self.left_out[:_NAMED]) + (", ..." if count > _NAMED else "")
        heic = any(name.lower().endswith((".heic", ".heif")) for name in self.left_out)
        return f"{what} of a format known here: {names}" + ("; save HEIC as JPEG or PNG" if heic else "")


def find_images(paths: Sequence[Path]) -> Found:
    """Return the images that `paths` name, and those in the folders that `paths` name, at any depth.

    An image is called by its path within its folder, or by its file name if it was named itself.  A file in a folder is
    an image if it is called so (see `SUFFIXES`) or begins as one; linked folders and those that cannot be read are left
    out.  Whatever is hidden, its name beginning with a full stop, is not there at all.

    Raises UserError when a path does not exist or cannot be read, two images would have one name, or there is none.
    """
    found = Found()
    for path in paths:
        if not os.path.lexists(path):
            raise UserError(f"{path}: no such image or folder; check the name")
        if os.path.isdir(path):
            _search(path, found)
        else:
            found.images.append(Image(path.name, path))
    if not found.images:
        expected = f"holds no images; expected files named as {', '.join(sorted(SUFFIXES))}"
        raise UserError("; ".join(filter(None, (f"{paths[0]}: {expected}", found.remark()))))
    name, count = Counter(image_name(image.name) for image in found.images).most_common(1)[0]
    if count > 1:
        raise UserError(f"{count} images are called {name!r}; extract them into separate files")
    return found


def _search(root: Path, found: Found) -> None:
    closed: list[str] = []
    files: list[Path] = []

    def skip(error: OSError) -> None:
        if Path(error.filename) == root:
            raise UserError(f"{root}: cannot be read ({error.strerror or error})")
        closed.append(error.filename)

    for here, folders, names in os.walk(root, onerror=skip):
        folders[:] = [name for name in folders if not name.startswith(".")]
        closed += [path for name in folders if os.path.islink(path := os.path.join(here, name))]
        files += [Path(here, name) for name in names if not name.startswith(".")]
    for file in sorted(files):
        name = file.relative_to(root).as_posix()
        if file.suffix.lower() in SUFFIXES or is_picture(file):
            found.images.append(Image(name, file))
        else:
            found.left_out.append(name)
    found.left_out.extend(f"{Path(folder).relative_to(root).as_posix()}/" for folder in sorted(closed))
