"""The pictures of many images as a CNN gets to see them: read, or drawn, when they are first asked for, and kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

from mrnn_np.backend import Array
from mrnn_np.backend.room import require_room
from mrnn_np.data.data_set import Draw
from mrnn_np.data.names import NameIndex
from mrnn_np.vision.picture_folders import find_images
from mrnn_np.vision.pictures import open_picture
from mrnn_np.vision.preprocessing import Preprocessing

_MANY = 64  # pictures that take long enough for a bar


class PictureTable:
    """The colours of n pictures, uint8 (n, size, size, 3), of which any rows can be had.

    Parameters
    ----------
    read : from a row to its picture, of any size
    n : how many there are
    preprocessing : says which square of a picture the CNN sees

    Raises
    ------
    UserError : they do not fit in memory
    """

    dtype, ndim = np.dtype(np.uint8), 4

    def __init__(self, read: Callable[[int], Image.Image], n: int, preprocessing: Preprocessing) -> None:
        self.read, self.preprocessing = read, preprocessing
        self.shape = (n, preprocessing.size, preprocessing.size, 3)
        require_room(f"a table of {n:,} pictures", int(np.prod(self.shape)), "name a folder of fewer")
        # The system gives memory only to the pages that are written to.
        self._kept: npt.NDArray[np.uint8] = np.empty(self.shape, self.dtype)
        self._known = np.zeros(n, bool)

    def __getitem__(self, rows: Array) -> npt.NDArray[np.uint8]:
        """Return the pictures of some rows, uint8 (len(rows), size, size, 3)."""
        for row in self._new(rows):
            self._kept[row] = np.asarray(self.preprocessing.fitted(self.read(row)))
            self._known[row] = True
        return self._kept[rows]

    def _new(self, rows: Array) -> Iterator[int]:
        new = np.unique(rows[~self._known[rows]]).tolist()
        yield from tqdm(new, "pictures", unit="picture", disable=None if len(new) > _MANY else True)


@dataclass(frozen=True, eq=False)
class Pictures:
    """The pictures of N images by their names; all else as of `mrnn_np.data.features.Features`."""

    names: tuple[str, ...]
    values: PictureTable
    path: str
    source: dict[str, str] = field(default_factory=dict)

    @cached_property
    def row_of(self) -> NameIndex:
        """The row of every image, by its name or any other that can only mean it."""
        return NameIndex(self.names)


def pictures_in(folder: Path, preprocessing: Preprocessing) -> Pictures:
    """Return the pictures in a folder, at any depth, named by their paths in it.

    Raises UserError when there are none or the folder cannot be read; a picture that cannot be is met later.
    """
    images = find_images([folder]).images
    table = PictureTable(lambda row: open_picture(images[row].path), len(images), preprocessing)
    return Pictures(tuple(image.name for image in images), table, str(folder))


def pictures_drawn(names: tuple[str, ...], draw: Draw, preprocessing: Preprocessing, path: str) -> Pictures:
    """Return the pictures that a data set draws itself of images of those names; `path` is what it is called."""
    table = PictureTable(lambda row: draw(names[row], preprocessing.size), len(names), preprocessing)
    return Pictures(names, table, path)
