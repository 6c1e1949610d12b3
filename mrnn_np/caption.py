"""Write captions with a trained model:  python -m mrnn_np.caption --checkpoint runs/NAME/best.npz --split dev."""

import argparse
import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from tqdm import tqdm

from mrnn_np.backend import Array, Backend
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.decoder import MAX_LENGTH, Decoder, Hypothesis, finite
from mrnn_np.captioning.one_at_a_time import greedy, sample
from mrnn_np.captioning.rerank import Consensus, K, M
from mrnn_np.captioning.shards import in_shards
from mrnn_np.captioning.written import Written
from mrnn_np.command_line.limits import LARGEST_LENGTH_NORM, MOST_IN_A_BEAM, MOST_WORDS, number, whole
from mrnn_np.command_line.options import Parser, add_backend_option, add_seed_option, backend_of
from mrnn_np.command_line.run import run_command
from mrnn_np.data.captions import attach, load_captions
from mrnn_np.data.features import Features, load_features
from mrnn_np.data.tokens import tokenize
from mrnn_np.data.vocabulary import UNK, Vocabulary
from mrnn_np.errors import UserError
from mrnn_np.evaluation.coco_files import coco_results, image_ids
from mrnn_np.files import new_file, write_text
from mrnn_np.training.checkpoint import Checkpoint, load_checkpoint
from mrnn_np.training.setup import image_reader, read_features
from mrnn_np.training.streams import SAMPLING, stream
from mrnn_np.vision.photographs import photograph_features

BATCH = 64
"""Images captioned together."""


def parse_arguments() -> argparse.Namespace:
    """Read the command line and refuse what contradicts itself."""
    parser = Parser(
        prog="python -m mrnn_np.caption",
        description="Write captions for images, from their features, with a trained model.",
    )
    parser.add_argument("--checkpoint", required=True, help="best.npz of a run of mrnn_np.train")
    parser.add_argument("--features", default="", help="features of the images (default: those of the training)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--split", help="caption this split of the data set, as dev or test (default: all features)")
    which.add_argument("--images", nargs="+", metavar="NAME", help="caption these images of the features")
    which.add_argument("--image", nargs="+", metavar="F", help="caption these pictures, files of any kind")
    parser.add_argument("--cnn", default="", help="of --image: the CNN, where the training's features did not say it")
    parser.add_argument("--weights", metavar="F", help="of --image: the CNN's weights (default: those installed)")
    parser.add_argument("--data", default="", help="where --split is looked up (default: the data of the training)")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--beam",
        type=whole("--beam", most=MOST_IN_A_BEAM),
        default=5,
        metavar="K",
        help="beam search of this width (default: 5)",
    )
    how.add_argument("--greedy", action="store_true", help="take the most likely next word each time")
    how.add_argument("--sample", action="store_true", help="draw each word at random")
    parser.add_argument(
        "--temperature",
        type=number("--temperature", float, least=1e-6, most=1e6),
        default=1.0,
        help="of --sample: near 0 is --greedy (default: 1)",
    )
    add_seed_option(parser, "of --sample")
    parser.add_argument(
        "--n-best",
        type=whole("--n-best", most=MOST_IN_A_BEAM),
        default=1,
        metavar="N",
        help="captions per image (default: 1)",
    )
    parser.add_argument("--prefix", default="", help='words every caption begins with, as "a man"')
    parser.add_argument(
        "--length-norm",
        type=number("--length-norm", float, least=0, most=LARGEST_LENGTH_NORM),
        default=0.0,
        metavar="A",
        help="rank beams by log2 P / words^A: 0 is plain probability and likes short captions (default: 0)",
    )
    parser.add_argument(
        "--max-length",
        type=whole("--max-length", most=MOST_WORDS),
        default=MAX_LENGTH,
        metavar="L",
        help=f"words at most (default: {MAX_LENGTH})",
    )
    parser.add_argument(
        "--rerank",
        choices=tuple(M),
        help="of --beam: put the caption first that the captions of similar training images agree with most",
    )
    parser.add_argument(
        "--k", type=whole("--k"), default=K, help=f"of --rerank: how many similar images (default: {K})"
    )
    parser.add_argument(
        "--m", type=whole("--m"), help="of --rerank: how many of their captions count (default: the paper's)"
    )
    parser.add_argument("--out", type=new_file, help="write COCO results JSON here; without it captions are printed")
    add_backend_option(parser)
    arguments = parser.parse_args()
    if not arguments.image and (arguments.cnn or arguments.weights):
        raise UserError("--cnn and --weights are for pictures; name them with --image F")
    if arguments.image and arguments.features:
        raise UserError("--image makes features itself; leave --features out")
    if arguments.rerank and (arguments.greedy or arguments.sample):
        raise UserError("--rerank chooses among the captions of a beam; leave --greedy and --sample out")
    if arguments.greedy and arguments.n_best > 1:
        raise UserError("--greedy writes one caption per image; use --beam or --sample for --n-best")
    if not (arguments.greedy or arguments.sample) and arguments.n_best > arguments.beam:
        raise UserError(f"--n-best {arguments.n_best} needs a beam as wide; raise --beam to {arguments.n_best}")
    return arguments


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    backend = backend_of(arguments)
    checkpoint = load_checkpoint(arguments.checkpoint)
    prefix = encode_prefix(arguments.prefix, checkpoint.vocabulary, arguments.max_length)
    features = open_features(checkpoint, arguments, backend)
    names, ids = choose_images(arguments, checkpoint, features)
    read_images = image_reader(checkpoint, features)
    params = checkpoint.params.with_theta(backend.asarray(checkpoint.params.theta))
    decoder = Decoder(checkpoint.model, params, backend)
    consensus = read_consensus(arguments, checkpoint, decoder) if arguments.rerank else None

    captions = []
    with tqdm(total=len(names), unit="image", disable=None) as bar:
        for start in range(0, len(names), BATCH):
            some = names[start : start + BATCH]
            values = read_images(np.array([features.row_of[name] for name in some]))
            written = finite(write_captions(decoder, values, arguments, prefix, start))
            if consensus is not None:
                written = consensus.rerank(some, values, written)
            captions += [Written.of(hypotheses[: arguments.n_best], checkpoint.vocabulary) for hypotheses in written]
            bar.update(len(some))
    if arguments.out:
        write_text(arguments.out, json.dumps(results(ids, captions), indent=1, ensure_ascii=False) + "\n")
        print(f"{arguments.out}: captions of {len(captions):,} images")
    else:
        for line in printed(names, captions):
            print(line)
    return 0


def open_features(checkpoint: Checkpoint, arguments: argparse.Namespace, backend: Backend) -> Features:
    """Make the features of the pictures named, or read the features named or those of the training."""
    if arguments.image:
        if not checkpoint.config.image:
            raise UserError("--image: this model is RNN-Base, which never sees an image")
        return photograph_features(checkpoint.source, arguments.image, backend, arguments.cnn, arguments.weights)
    features = load_features(arguments.features) if arguments.features else read_features(checkpoint.config)
    if features is None:
        raise UserError("features: the images to caption are not known; name a file with --features FILE")
    return features


def read_consensus(arguments: argparse.Namespace, checkpoint: Checkpoint, decoder: Decoder) -> Consensus:
    """Read the training's images and captions, which --rerank compares with."""
    features = read_features(checkpoint.config)
    training = attach(load_captions(checkpoint.config.data), features, "train")
    read_images = image_reader(checkpoint, features)
    vocabulary = checkpoint.vocabulary
    return Consensus.of(decoder, vocabulary, training, read_images, arguments.rerank, arguments.k, arguments.m)


def choose_images(
    arguments: argparse.Namespace, checkpoint: Checkpoint, features: Features
) -> tuple[Sequence[str], Sequence[int | str]]:
    """Return the names of the images to caption, each of which has a feature row, and what --out calls them."""
    spec = arguments.data or checkpoint.config.data
    if arguments.split:
        data = load_captions(spec)
        names = attach(data, features, arguments.split).images
        return names, image_ids(spec, names, data.ids)
    if arguments.images:
        missing = [name for name in arguments.images if name not in features.row_of]
        if missing:
            there = f"{features.names[0]} and {len(features.names) - 1:,} others"
            raise UserError(f"--images: {missing[0]!r} has no row in {features.path}; it has {there}")
    names = arguments.images or features.names
    # A picture that somebody names is none of the data set, even where its name is a number.
    return names, names if arguments.image else image_ids(spec, names, {})


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
    if arguments.greedy:
        return [[hypothesis] for hypothesis in greedy(decoder, values, prefix, arguments.max_length)]
    if arguments.sample:
        rng = stream(arguments.seed, SAMPLING, start)
        drawn = [
            sample(decoder, values, rng, arguments.temperature, prefix, arguments.max_length)
            for _ in range(arguments.n_best)
        ]
        return [sorted(each, key=lambda hypothesis: -hypothesis.log2_prob) for each in zip(*drawn, strict=True)]
    n_best = arguments.beam if arguments.rerank else arguments.n_best
    options = BeamSearch(arguments.beam, n_best, arguments.length_norm, arguments.max_length)
    options.require_room(len(values), decoder.model.M)
    return in_shards(partial(beam_search, options=options, prefix=prefix), decoder, values)


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
    run_command(main)
