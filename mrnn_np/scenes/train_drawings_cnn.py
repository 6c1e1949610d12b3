"""Train the CNN that looks at people's own drawings:  python -m mrnn_np.scenes.train_drawings_cnn --out F.npz.

It scores the same attributes as the scene CNN, whose weights it begins with, in pictures of which most are in hands
drawn at random and some in the classic one.  There are two stages.  In the first, all layers learn from crowded and
rough pictures; in the second from what people more often draw, which is one thing, clear.
Adam learns the most from few pictures, so it comes first.  SGD with its L2 penalty leaves a network less sure of what
it has not seen, and people draw much that it has not.

Given the file of a run that was stopped after its first stage, it goes on with the second.
"""

import argparse
from pathlib import Path

import numpy as np

from mrnn_np.backend.room import require_room
from mrnn_np.command_line.limits import number, whole
from mrnn_np.command_line.options import Parser, add_seed_option
from mrnn_np.command_line.run import run_command
from mrnn_np.scenes.attributes import ATTRIBUTES
from mrnn_np.scenes.cnn import (
    SHIPPED_WEIGHTS,
    SIZE,
    Pictures,
    SceneCnn,
    load_scene_cnn,
    save_scene_cnn,
    stored,
)
from mrnn_np.scenes.dataset import own_scenes, scene_descriptions
from mrnn_np.scenes.drawings_cnn import drawings_cnn
from mrnn_np.scenes.many_hands import in_many_hands
from mrnn_np.scenes.train_cnn import (
    Labels,
    begun_with,
    evaluate,
    first_weights,
    labels_of,
    pictures_and_labels,
    require_folder_of,
    train,
)
from mrnn_np.scenes.world import Scene
from mrnn_np.vision.network import Weights
from mrnn_np.vision.weight_files import sha256_of

CLASSIC = 4
"""Every so many-th picture is in the classic hand."""


def drawings_and_labels(scenes: list[Scene], seed: int, classic: int = 0, rough: int = 0) -> tuple[Pictures, Labels]:
    """Return what `in_many_hands` does, and which of ATTRIBUTES each picture has, bool (n, len(ATTRIBUTES))."""
    images, shown = in_many_hands(scenes, seed, classic, rough)
    return images, labels_of(shown)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(
        prog="python -m mrnn_np.scenes.train_drawings_cnn",
        description="Train the CNN that looks at people's own drawings. The defaults are those of the shipped weights.",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="F.npz", help="the file of weights to make")
    parser.add_argument(
        "--rough",
        type=whole("--rough"),
        default=200_000,
        metavar="N",
        help="pictures of the first stage, each seen once (default: 200000)",
    )
    parser.add_argument(
        "--pictures",
        type=whole("--pictures"),
        default=360_000,
        metavar="N",
        help="pictures of the second stage (default: 360000)",
    )
    parser.add_argument(
        "--epochs",
        type=whole("--epochs"),
        default=2,
        metavar="N",
        help="how often each of these is seen (default: 2)",
    )
    parser.add_argument(
        "--lr",
        type=number("--lr", float, least=0),
        default=0.001,
        help="the largest learning rate of the first stage, Adam's (default: 0.001)",
    )
    parser.add_argument(
        "--sgd-lr",
        type=number("--sgd-lr", float, least=0),
        default=0.003,
        help="the largest learning rate of the second stage, SGD's (default: 0.003)",
    )
    add_seed_option(parser, "of pictures, first weights and order")
    arguments = parser.parse_args()
    for name, count in (("--rough", arguments.rough), ("--pictures", arguments.pictures)):
        require_room(f"{name} {count}", 3 * SIZE**2 * count, "lower it")
    require_folder_of(arguments.out)
    return arguments


def main() -> int:
    """Run the command; after each epoch the file holds what was learnt so far."""
    arguments = parse_arguments()
    out, seed, lr, sgd_lr = arguments.out, arguments.seed, arguments.lr, arguments.sgd_lr
    scenes = list(scene_descriptions("val").values())
    classic, drawn = pictures_and_labels(scenes), drawings_and_labels(scenes, seed + 1)
    network = drawings_cnn(len(ATTRIBUTES))
    about = {
        "network": repr(network),
        "begun with": f"{SHIPPED_WEIGHTS.name}, SHA-256 {sha256_of(SHIPPED_WEIGHTS)}",
        "seed": f"{seed}",
        "epochs": f"{arguments.epochs}",
        "lr": f"{lr:g}, then {sgd_lr:g}",
        "rough pictures": f"{arguments.rough}",
        "pictures": f"{arguments.pictures}, every {CLASSIC}th in the classic hand",
    }

    def keep(weights: Weights, stage: str) -> None:
        rounded = {name: stored(value).astype(np.float32) for name, value in weights.items()}
        about["stage"] = stage
        for name, val in (("drawings", drawn), ("classic pictures", classic)):
            bits, accuracy = evaluate(network, rounded, *val)
            about[f"bits per attribute of validation {name}"] = f"{bits:.6f}"
            about[f"accuracy of validation {name}"] = f"{accuracy:.6f}"
        save_scene_cnn(out, SceneCnn(rounded, ATTRIBUTES, about))
        print(f"{out}: {about}", flush=True)

    if out.exists() and (begun := load_scene_cnn(out, drawings_cnn)).training.get("stage") == "1":
        weights = begun.weights
    else:
        images, labels = drawings_and_labels(own_scenes(arguments.rough, seed), seed, CLASSIC, rough=1)
        weights = first_weights(network, labels, np.random.default_rng(seed))
        begun_with(weights, load_scene_cnn().weights)
        weights = train(
            images, labels, *drawn, seed=seed, epochs=1, lr=lr, last_lr=lr / 2, optimiser="adam", begin=weights,
            mirrored=True, design=drawings_cnn,
        )  # fmt: skip
        keep(weights, "1")
        del images, labels
    images, labels = drawings_and_labels(own_scenes(arguments.pictures, seed + 2), seed + 2, CLASSIC)
    train(
        images, labels, *drawn, seed=seed + 2, epochs=arguments.epochs, lr=sgd_lr, begin=weights,
        mirrored=True, design=drawings_cnn, after_epoch=lambda weights: keep(weights, "2"),
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    run_command(main)
