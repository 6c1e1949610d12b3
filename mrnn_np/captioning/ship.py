"""Make a checkpoint small enough to come with the package, and have it say where it is from.

python -m mrnn_np.train --data flickr8k:DIR
python -m mrnn_np.captioning.ship flickr8k --checkpoint runs/flickr8k/best.npz --cnn efficientnet-lite2
python -m mrnn_np.train
python -m mrnn_np.captioning.ship scenes --checkpoint runs/scenes/best.npz
python -m mrnn_np.train --data drawings
python -m mrnn_np.captioning.ship drawings --checkpoint runs/drawings/best.npz
"""

import argparse
import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.captioning.captioner import Captioner
from mrnn_np.command_line.options import Parser
from mrnn_np.command_line.run import run_command
from mrnn_np.data.data_set import BUILT_IN
from mrnn_np.data.examples import encode
from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write, read_archive
from mrnn_np.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from mrnn_np.training.config import Config, config_of, flag_of
from mrnn_np.training.shipped import SHIPPED

BITS = 8
"""Bits that are kept of each number's mantissa: rounding to them changes the cost by less than 0.001 bits a word."""

LICENCES = {
    "flickr8k": "trained on Flickr8k, so for research and teaching; cite M. Hodosh, P. Young and J. Hockenmaier, "
    "Framing Image Description as a Ranking Task, Journal of Artificial Intelligence Research 47 (2013), 853-899",
    "scenes": "trained on pictures and captions that this package makes, so under its licence",
}
LICENCES["drawings"] = LICENCES["scenes"]

UNLIKE = {"flickr8k": 0.05, "scenes": 0.015, "drawings": 0.015}
"""The share of the validation images that are taken for pictures of other things, so that most of these are."""

TRIED_ON = {"drawings": "scenes"}
"""The data set that commands open where nobody names one, if not that of the training: validation and test are the
same, but no 16,000 drawings have to be made first."""


def rounded(theta: Array) -> Array:
    """Return float32 parameters to BITS bits each, whose zeros at the end compression finds."""
    mantissa, exponent = np.frexp(theta)
    return np.ldexp(np.round(mantissa * 2**BITS) / 2**BITS, exponent).astype(np.float32)


def shrink(checkpoint: Checkpoint) -> Checkpoint:
    """Return a checkpoint without what only training on needs, rounded, and without one machine's paths."""
    data, features, pictures = portable(checkpoint.config)
    return dataclasses.replace(
        checkpoint,
        config=dataclasses.replace(checkpoint.config, data=data, features=features, pictures=pictures),
        params=checkpoint.params.with_theta(rounded(checkpoint.params.theta)),
        velocity=np.zeros_like(checkpoint.velocity),
    )


def portable(config: Config) -> tuple[str, str, str]:
    """Return --data, --features and --pictures by what their folders and files are called, wherever these are."""
    kind, _, place = config.data.partition(":")
    data = config.data if config.data in BUILT_IN else f"{kind}:{Path(place).name}"
    features = Path(config.features).name
    return data, "" if features == "features.npz" else features, Path(config.pictures).name


def save_small(path: Path, small: Checkpoint, about: Mapping[str, str]) -> None:
    """Write a shrunk checkpoint, which every command reads, and how it came about, which `about` reads back.

    Raises UserError when it cannot be written.
    """
    save_checkpoint(path, small)
    arrays: dict[str, Any] = read_archive(path) | {
        "about": np.array(json.dumps(dict(about))),
        "least_image": np.float32(small.least_image),
    }
    atomic_write(path, lambda file: np.savez_compressed(file, **arrays))


def command_of(config: Config) -> str:
    """Return the command that trains with these options, the default ones left out."""
    first = {name: getattr(config, name) for name in ("data", "model", "scale", "optimiser")}
    usual = dataclasses.asdict(config_of(first)) | {name: getattr(Config(), name) for name in first}
    typed = [
        f"{flag_of(option)} {value}"
        for option in dataclasses.fields(Config)
        if (value := getattr(config, option.name)) != usual[option.name]
    ]
    return " ".join(["python -m mrnn_np.train", *typed])


def ship(
    source: Path, target: Path, licence: str, cnn: str = "", unlike: float = 0.0, data: str = ""
) -> dict[str, str]:
    """Shrink the checkpoint `source` to `target`, and return what the file says of itself.

    Parameters
    ----------
    licence : what may be done with it
    cnn : the CNN that made the features, where their file did not say it
    unlike : the share of the validation images that will be warned of as unlike those trained on
    data : the data set that commands open where nobody names one, if not that of the training

    Raises
    ------
    UserError : a file cannot be read or written, or the features are known to be of another CNN
    """
    trained = load_checkpoint(source)
    if cnn:
        from mrnn_np.vision.cnn import load_cnn

        if trained.source.get("cnn", cnn) != cnn:
            raise UserError(f"--cnn: the features are of {trained.source['cnn']}, not of {cnn}; leave --cnn out")
        made_by = load_cnn(cnn, None, Captioner.of(trained).backend).source
        trained = dataclasses.replace(trained, source=made_by | trained.source)
    small, captioner = shrink(trained), Captioner.of(trained)
    # The validation split is looked for where training found it, which the shrunk checkpoint no longer knows.
    opened = captioner.open()
    dev = encode(opened.split, captioner.vocabulary, opened.read_images)
    before, after = (2 ** Captioner.of(each).bits_per_word(dev) for each in (trained, small))
    if unlike and "V_I" in trained.params.layout:
        sizes = captioner.image_sizes(opened.read_images(opened.split.feature_rows))
        small = dataclasses.replace(small, least_image=float(np.quantile(sizes, unlike)))
    about = {
        "command": command_of(small.config),
        "seed": str(small.config.seed),
        "data": small.data_hash,
        f"{opened.name} perplexity as trained": f"{before:.4f}",
        f"{opened.name} perplexity as rounded": f"{after:.4f}",
        "licence": licence,
    }
    if small.least_image:
        below = f"||V_I I|| below {small.least_image:.4f}, as {100 * unlike:g}% of {opened.name} have it"
        about["pictures to be warned of"] = below
    if data:
        small = dataclasses.replace(small, config=dataclasses.replace(small.config, data=data))
    save_small(target, small, about)
    return about


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = Parser(
        prog="python -m mrnn_np.captioning.ship",
        description="Make the file of a captioner that comes with the package from what training left.",
    )
    parser.add_argument("name", choices=tuple(SHIPPED), help="which of them")
    parser.add_argument("--checkpoint", required=True, type=Path, metavar="F", help="best.npz of a run")
    parser.add_argument("--cnn", default="", help="the CNN of the features, where their file did not say it")
    parser.add_argument("--out", type=Path, metavar="F.npz", help="the file to make (default: that of the package)")
    return parser.parse_args()


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    target = arguments.out or SHIPPED[arguments.name]
    name = arguments.name
    about = ship(arguments.checkpoint, target, LICENCES[name], arguments.cnn, UNLIKE[name], TRIED_ON.get(name, ""))
    print(f"{target}: {target.stat().st_size:,} bytes")
    for what, said in about.items():
        print(f"   {what}: {said}")
    return 0


if __name__ == "__main__":
    run_command(main)
