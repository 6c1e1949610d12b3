"""The options of the commands that ask a trained model, each with one meaning and one default for all of them."""

import argparse
from typing import Any

from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.captioning.captioner import Captioner, OpenSplit
from mrnn_np.captioning.rerank import Consensus, K, M
from mrnn_np.command_line.limits import LARGEST_LENGTH_NORM, MOST_IN_A_BEAM, number, whole
from mrnn_np.command_line.options import Parser
from mrnn_np.errors import UserError
from mrnn_np.training.shipped import SHIPPED


def add_checkpoint_option(parser: Parser) -> None:
    """Give `parser` the option --checkpoint, for which `Captioner.load` finds the file."""
    named = " or ".join(SHIPPED)
    text = f"best.npz of a run of mrnn_np.train, or {named}, the captioners that come with this package"
    parser.add_argument("--checkpoint", required=True, metavar="F", help=text)


def add_model_options(parser: Parser, all_images: str) -> None:
    """Give `parser` a trained model and what it is asked about: --checkpoint, --data, --features, --split, --limit.

    `all_images` says which images those are where --split is not typed.
    """
    add_checkpoint_option(parser)
    parser.add_argument("--data", default="", help="the data set (default: that of the training)")
    parser.add_argument(
        "--features",
        default="",
        metavar="F",
        help="features of its images (default: with --data its own, where it has any, or else those of the training); "
        "for a model whose captions trained its CNN, the folder of their pictures",
    )
    parser.add_argument(
        "--split", default="", help=f"the images of this split of the data set, as dev or test (default: {all_images})"
    )
    parser.add_argument("--limit", type=whole("--limit"), metavar="N", help="only the first N of these images")


def add_image_options(parser: Parser, which: Any, nargs: str | None) -> None:
    """Give `parser` images that are named one by one; --image goes to `which`, a group that exclude each other."""
    which.add_argument(
        "--image", nargs=nargs, metavar="F", help="a picture, a file of any kind, or an image of the features by name"
    )
    parser.add_option_of("--image", "--cnn", default="", help="the CNN, where the training's features did not say it")
    parser.add_option_of("--image", "--weights", metavar="F", help="the CNN's weights (default: those installed)")


def add_beam_options(parser: Parser) -> Any:
    """Give `parser` beam search, the default, and --greedy; return the group of ways to write a caption."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--beam",
        type=whole("--beam", most=MOST_IN_A_BEAM),
        default=BeamSearch.width,
        metavar="K",
        help=f"beam search of this width (default: {BeamSearch.width})",
    )
    how.add_argument("--greedy", action="store_true", help="take the most likely next word each time")
    parser.add_argument(
        "--length-norm",
        type=number("--length-norm", float, least=0, most=LARGEST_LENGTH_NORM),
        default=BeamSearch.length_norm,
        metavar="A",
        help="rank what a beam finds by log2 P / words^A: 0, the paper's way, is plain probability and likes short "
        f"captions (default: {BeamSearch.length_norm:g})",
    )
    return how


def search_of(
    arguments: argparse.Namespace, n_best: int = 1, max_length: int = BeamSearch.max_length
) -> BeamSearch | None:
    """Return what beam search is to look for; None for --greedy, and for --beam 1, which has nothing to choose from."""
    if arguments.greedy or arguments.beam == 1:
        return None
    return BeamSearch(arguments.beam, n_best, arguments.length_norm, max_length)


def add_rerank_options(parser: Parser) -> None:
    """Give `parser` the options of consensus reranking."""
    parser.add_argument(
        "--rerank",
        choices=tuple(M),
        help="of what a beam finds, take the caption most like what people said of similar training images",
    )
    parser.add_option_of("--rerank", "--k", type=whole("--k"), default=K, help=f"similar images (default: {K})")
    parser.add_option_of(
        "--rerank",
        "--m",
        type=whole("--m"),
        help=f"how many of their captions count (default: {' or '.join(map(str, M.values()))})",
    )


def consensus_of(
    arguments: argparse.Namespace, captioner: Captioner, opened: OpenSplit, k: int | None = None
) -> Consensus:
    """Return what --rerank compares with: the captions of the training images of the data set of `opened`.

    `k` is the number of similar images, where it is not that of --k.

    Raises
    ------
    UserError : the data set has no split named train, and whenever `Consensus.of` does
    """
    name = opened.data_set.name
    if "train" not in opened.data.splits:
        raise UserError(f"--rerank: {name} has no split named train, whose captions would be the consensus")
    decoder, vocabulary, training = captioner.decoder, captioner.vocabulary, opened.training()
    similarity, m = arguments.rerank, arguments.m
    return Consensus.of(decoder, vocabulary, training, opened.read_images, similarity, k or arguments.k, m)


def require_beam(parser: Parser) -> None:
    """Raise UserError at options that choose among the captions of a beam where there is no beam."""
    for other in sorted(parser.typed & {"--greedy", "--sample"}):
        for flag in sorted(parser.typed & {"--length-norm", "--rerank"}):
            raise UserError(f"{flag} chooses among the captions of a beam; leave {other} out")
