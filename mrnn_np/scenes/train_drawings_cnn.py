"""Train the CNN that looks at people's own drawings:  python -m mrnn_np.scenes.train_drawings_cnn --out F.npz.

It scores the same attributes as the scene CNN, whose weights it begins with, in pictures of which most are in hands
drawn at random and some in the classic one.
"""

import argparse
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mrnn_np.backend.room import require_room
from mrnn_np.backend.threads import cores
from mrnn_np.command_line.limits import number, whole
from mrnn_np.command_line.options import Parser, add_seed_option
from mrnn_np.command_line.run import run_command
from mrnn_np.errors import UserError
from mrnn_np.scenes.attributes import ATTRIBUTES, attributes
from mrnn_np.scenes.cnn import (
    SHIPPED_WEIGHTS,
    SIZE,
    Pictures,
    SceneCnn,
    load_scene_cnn,
    save_scene_cnn,
    stored,
)
from mrnn_np.scenes.dataset import scene_descriptions
from mrnn_np.scenes.drawings import drawing
from mrnn_np.scenes.drawings_cnn import drawings_cnn
from mrnn_np.scenes.render import render
from mrnn_np.scenes.train_cnn import Labels, evaluate, own_scenes, pictures_and_labels, train
from mrnn_np.scenes.world import Scene
from mrnn_np.vision.network import Weights
from mrnn_np.vision.weight_files import sha256_of

CLASSIC = 4
"""Every so many-th picture is in the classic hand."""
_CHUNK = 200


def in_many_hands(scenes: list[Scene], seed: int, classic: int = 0) -> tuple[Pictures, Labels]:
    """Return pictures of scenes, each in a hand of its own, and which of ATTRIBUTES each has.

    Parameters
    ----------
    scenes : what they show
    seed : of the hands
    classic : every so many-th is in the classic hand; 0 for none
    """
    numbers = [range(first, min(first + _CHUNK, len(scenes))) for first in range(0, len(scenes), _CHUNK)]
    images = np.empty((len(scenes), SIZE, SIZE, 3), np.uint8)
    labels = np.empty((len(scenes), len(ATTRIBUTES)), np.bool_)
    with ProcessPoolExecutor(cores()) as pool:
        chunks = [scenes[some.start : some.stop] for some in numbers]
        found = pool.map(_drawn, chunks, numbers, repeat(seed), repeat(classic))
        bar = tqdm(zip(numbers, found, strict=True), "drawing", len(numbers), unit_scale=_CHUNK, disable=None)
        for some, (drawn, shown) in bar:
            images[some.start : some.stop], labels[some.start : some.stop] = drawn, shown
    return images, labels


def _drawn(
    scenes: list[Scene], numbers: Iterable[int], seed: int, classic: int
) -> tuple[Pictures, npt.NDArray[np.uint8]]:
    drawn = [
        (render(scene), attributes(scene))
        if classic and number % classic == 0
        else drawing(scene, np.random.SeedSequence([seed, number]))
        for scene, number in zip(scenes, numbers, strict=True)
    ]
    return np.stack([np.asarray(picture) for picture, _ in drawn]), np.stack([shown for _, shown in drawn])


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(
        prog="python -m mrnn_np.scenes.train_drawings_cnn",
        description="Train the CNN that looks at people's own drawings. The defaults made the shipped weights.",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="F.npz", help="the file of weights to make")
    parser.add_argument(
        "--pictures",
        type=whole("--pictures"),
        default=150_000,
        metavar="N",
        help="how many to learn from (default: 150000)",
    )
    parser.add_argument(
        "--epochs", type=whole("--epochs"), default=2, metavar="N", help="how often each is seen (default: 2)"
    )
    parser.add_argument(
        "--lr", type=number("--lr", float, least=0), default=0.006, help="the largest learning rate (default: 0.006)"
    )
    add_seed_option(parser, "of pictures, first weights and order")
    arguments = parser.parse_args()
    require_room(f"--pictures {arguments.pictures}", 3 * SIZE**2 * arguments.pictures, "lower it")
    # Before the work, not after it.
    if not arguments.out.parent.is_dir():
        raise UserError(f"--out: there is no folder {arguments.out.parent}; make it, or name another")
    return arguments


def main() -> int:
    """Run the command; after each epoch the file holds what was learnt so far."""
    arguments = parse_arguments()
    scenes = list(scene_descriptions("val").values())
    classic, drawn = pictures_and_labels(scenes), in_many_hands(scenes, seed=arguments.seed + 1)
    images, labels = in_many_hands(own_scenes(arguments.pictures, arguments.seed), arguments.seed, CLASSIC)
    network = drawings_cnn(len(ATTRIBUTES))
    about = {
        "network": repr(network),
        "begun with": f"{SHIPPED_WEIGHTS.name}, SHA-256 {sha256_of(SHIPPED_WEIGHTS)}",
        "seed": f"{arguments.seed}",
        "epochs": f"{arguments.epochs}",
        "lr": f"{arguments.lr:g}",
        "pictures": f"{len(images)}, every {CLASSIC}th in the classic hand",
    }

    def keep(weights: Weights) -> None:
        rounded = {name: stored(value).astype(np.float32) for name, value in weights.items()}
        for name, val in (("drawings", drawn), ("classic pictures", classic)):
            bits, accuracy = evaluate(network, rounded, *val)
            about[f"bits per attribute of validation {name}"] = f"{bits:.6f}"
            about[f"accuracy of validation {name}"] = f"{accuracy:.6f}"
        save_scene_cnn(arguments.out, SceneCnn(rounded, ATTRIBUTES, about))
        print(f"{arguments.out}: {about}", flush=True)

    train(
        images, labels, *drawn, seed=arguments.seed, epochs=arguments.epochs, lr=arguments.lr,
        begin=load_scene_cnn().weights, mirrored=True, design=drawings_cnn, after_epoch=keep,
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    run_command(main)
