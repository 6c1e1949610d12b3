"""Write captions with a trained model:  python -m mrnn_np.caption --checkpoint runs/NAME/best.npz --split dev."""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from mrnn_np.backend import Array
from mrnn_np.captioning.beam import beam_search
from mrnn_np.captioning.captioner import Captioner, pictures_among, warn_of
from mrnn_np.captioning.decoder import HYPOTHESES, MAX_LENGTH, Decoder, Hypothesis, finite
from mrnn_np.captioning.one_at_a_time import greedy, sample
from mrnn_np.captioning.options import (
    add_beam_options,
    add_image_options,
    add_model_options,
    add_rerank_options,
    consensus_of,
    require_beam,
    search_of,
)
from mrnn_np.captioning.written import Written
from mrnn_np.command_line.limits import MOST_IN_A_BEAM, MOST_WORDS, number, whole
from mrnn_np.command_line.options import Parser, add_backend_option, add_seed_option, backend_of
from mrnn_np.command_line.run import run_command
from mrnn_np.data.examples import ReadImages
from mrnn_np.data.tokens import tokenize
from mrnn_np.data.vocabulary import UNK, Vocabulary
from mrnn_np.distributed.deal import deal
from mrnn_np.distributed.job import join
from mrnn_np.errors import UserError
from mrnn_np.evaluation.coco_files import coco_results, image_ids
from mrnn_np.files import new_file, write_text
from mrnn_np.training.streams import SAMPLING, stream

BATCH = 64
"""Images captioned together, the same on every backend, so that what --sample draws is the same too."""


def parse_arguments() -> argparse.Namespace:
    """Read the command line and refuse what contradicts itself."""
    parser = Parser(
        prog="python -m mrnn_np.caption",
        description="Write captions for images, from their features, with a trained model.",
    )
    add_model_options(parser, "all that have features")
    add_image_options(parser, parser, nargs="+")
    how = add_beam_options(parser)
    how.add_argument("--sample", action="store_true", help="draw each word at random")
    parser.add_option_of(
        "--sample",
        "--temperature",
        type=number("--temperature", float, least=1e-6, most=1e6),
        default=1.0,
        metavar="T",
        help="near 0 is --greedy (default: 1)",
    )
    add_seed_option(parser, "the same seed draws the same words", of="--sample")
    parser.add_argument(
        "--n-best",
        type=whole("--n-best", most=MOST_IN_A_BEAM),
        default=1,
        metavar="N",
        help="captions per image (default: 1)",
    )
    parser.add_argument("--prefix", default="", help='words every caption begins with, as "a man"')
    parser.add_argument(
        "--max-length",
        type=whole("--max-length", most=MOST_WORDS),
        default=MAX_LENGTH,
        metavar="L",
        help=f"words at most (default: {MAX_LENGTH})",
    )
    add_rerank_options(parser)
    parser.add_argument(
        "--out",
        type=new_file,
        metavar="F.json",
        help="write MS COCO's results format here; without it captions are printed",
    )
    parser.add_argument("--images", nargs="+", help=argparse.SUPPRESS)
    add_backend_option(parser)
    arguments = parser.parse_args()
    if arguments.images:
        raise UserError("--images: images are named with --image, files or images of the features")
    if arguments.image and (arguments.split or arguments.limit):
        raise UserError("--image names the images one by one; leave --split and --limit out")
    require_beam(parser)
    if arguments.greedy and arguments.n_best > 1:
        raise UserError("--greedy writes one caption per image; use --beam or --sample for --n-best")
    if not (arguments.greedy or arguments.sample) and arguments.n_best > arguments.beam:
        raise UserError(f"--n-best {arguments.n_best} needs a beam as wide; raise --beam to {arguments.n_best}")
    return arguments


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    ranks = join()
    captioner = Captioner.load(arguments.checkpoint, backend_of(arguments, ranks))
    prefix = encode_prefix(arguments.prefix, captioner.vocabulary, arguments.max_length)
    images = open_images(captioner, arguments)
    consensus = None
    if arguments.rerank:
        consensus = consensus_of(arguments, captioner, captioner.open(split="train"))

    def write(start: int) -> list[list[Hypothesis]]:
        some = slice(start, start + BATCH)
        values = images.read(images.rows[some])
        written = finite(write_captions(captioner.decoder, values, arguments, prefix, start))
        if consensus is not None:
            written = consensus.rerank(images.names[some], values, written)
        return [hypotheses[: arguments.n_best] for hypotheses in written]

    captions = []
    with tqdm(total=len(images.names), unit="image", disable=None) as bar:
        for written in deal(ranks, write, range(0, len(images.names), BATCH), HYPOTHESES, captioner.each):
            captions += [Written.of(hypotheses, captioner.vocabulary) for hypotheses in written]
            bar.update(len(written))
    if ranks.rank > 0:
        return 0
    if arguments.out:
        write_text(arguments.out, json.dumps(results(images.ids, captions), indent=1, ensure_ascii=False) + "\n")
        print(f"{arguments.out}: captions of {len(captions):,} images")
    else:
        for line in printed(images.names, captions):
            print(line)
    warn_of(images.unlike)
    return 0


@dataclass(frozen=True, eq=False)
class Images:
    """The images to caption."""

    names: Sequence[str]
    ids: Sequence[int | str]
    """what --out calls them"""
    rows: Array
    read: ReadImages
    """from rows to what the model sees in them"""
    unlike: Sequence[str] = ()
    """the names of pictures that are unlike those the model was trained on"""


def open_images(captioner: Captioner, arguments: argparse.Namespace) -> Images:
    """Return the images that the arguments name: those of --image, those of a split, or all that have features."""
    spec = arguments.data or captioner.config.data
    if arguments.split:
        opened = captioner.open(arguments.data, arguments.features, arguments.split, arguments.limit)
        names, rows = opened.split.images, opened.split.feature_rows
        return Images(names, image_ids(spec, names, opened.data.ids), rows, opened.read_images)
    if arguments.image:
        return open_named(captioner, arguments, spec)
    try:
        features = captioner.read_features(arguments.data, arguments.features)
    except UserError as error:
        # The training's may be on another machine, as those of a captioner that came with the package are.
        named = arguments.features or arguments.data
        raise (
            error if named else UserError(f"{error}; name a picture with --image F, or features with --features F")
        ) from None
    if features is None:
        raise UserError("features: the images to caption are not known; name a file with --features F")
    names = features.names[: arguments.limit]
    return Images(names, image_ids(spec, names, {}), np.arange(len(names)), captioner.read_images(features))


def open_named(captioner: Captioner, arguments: argparse.Namespace, spec: str) -> Images:
    """Return the images of --image."""
    if not captioner.config.image:
        raise UserError("--image: this model is RNN-Base, which never sees an image")
    names, features = arguments.image, None
    # Pictures need no features but those made of them; the training's may be large, or on another machine.
    others = [name for name in names if not os.path.exists(name)]
    if others or arguments.features:
        try:
            features = captioner.read_features(arguments.data, arguments.features)
        except UserError as error:
            raise error if arguments.features else UserError(f"--image {others[0]}: is no file; {error}") from None
    seen = captioner.look_at(names, features, arguments.cnn, arguments.weights)
    # A picture that somebody names is none of the data set, even where its name is a number.
    pictures = pictures_among(names, features)
    ids = [name if name in pictures else image_ids(spec, [name], {})[0] for name in names]
    unlike = dict(zip(names, captioner.unlike_training(seen), strict=True))
    # The CNN knows better than the model, which finds little in pictures that another CNN has to look at as well.
    if pictures and (told := captioner.unlike_pictures(pictures, arguments.cnn, arguments.weights)) is not None:
        unlike |= zip(pictures, told, strict=True)
    return Images(names, ids, np.arange(len(names)), seen.__getitem__, [name for name in names if unlike[name]])


def encode_prefix(text: str, vocabulary: Vocabulary, max_length: int) -> list[int]:
    """Return the ids of the words every caption begins with; raise UserError at words the model does not know."""
    words = tokenize(text)
    ids = [vocabulary.id_of.get(word, UNK) for word in words]
    if UNK in ids:
        raise UserError(
            f"--prefix: {words[ids.index(UNK)]!r} is not in the model's vocabulary of {len(vocabulary):,} words"
        )
    if len(ids) >= max_length:
        raise UserError(f"--prefix: {len(ids)} words leave no room below --max-length {max_length}")
    return ids


def write_captions(
    decoder: Decoder, values: Array, arguments: argparse.Namespace, prefix: Sequence[int], start: int
) -> list[list[Hypothesis]]:
    """Return the hypotheses of each image, best first; `start` is the number of the first of them."""
    if arguments.sample:
        rng = stream(arguments.seed, SAMPLING, start)
        drawn = [
            sample(decoder, values, rng, arguments.temperature, prefix, arguments.max_length)
            for _ in range(arguments.n_best)
        ]
        return [sorted(each, key=lambda hypothesis: -hypothesis.log2_prob) for each in zip(*drawn, strict=True)]
    search = search_of(arguments, arguments.beam if arguments.rerank else arguments.n_best, arguments.max_length)
    if search is None:
        return [[hypothesis] for hypothesis in greedy(decoder, values, prefix, arguments.max_length)]
    search.require_room(len(values), decoder.model.M)
    return beam_search(decoder, values, search, prefix)


def results(ids: Sequence[int | str], captions: Sequence[Written]) -> list[dict[str, Any]]:
    """Return a COCO results file, with the log2 probabilities, and with all hypotheses where there are several."""
    others = []
    for of_image in captions:
        hypotheses = of_image.as_dicts()
        several = {"n_best": hypotheses} if len(hypotheses) > 1 else {}
        others.append({"log2_prob": hypotheses[0]["log2_prob"], **several})
    return coco_results(ids, [of_image.best for of_image in captions], others)


def printed(names: Sequence[str], captions: Sequence[Written]) -> Iterator[str]:
    """Yield the lines to print: an image's name, its captions and their log2 probabilities."""
    for name, of_image in zip(names, captions, strict=True):
        yield name
        for hypothesis in of_image.as_dicts():
            yield f"   {hypothesis['caption']}   (log2 P = {hypothesis['log2_prob']:.1f})"


if __name__ == "__main__":
    run_command(main, shared=True)
