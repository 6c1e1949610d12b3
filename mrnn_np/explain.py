"""Explain a caption word by word:  python -m mrnn_np.explain --checkpoint runs/NAME/best.npz --image my.jpg.

Prints how many bits the picture adds to each word of a caption; --out draws where in the picture they come from.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from mrnn_np.backend import Array
from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.captioning.captioner import Captioner, OpenSplit, warn_of
from mrnn_np.captioning.options import add_beam_options, add_checkpoint_option, search_of
from mrnn_np.command_line.limits import whole
from mrnn_np.command_line.options import Parser, add_backend_option, add_seed_option, backend_of
from mrnn_np.command_line.run import run_command
from mrnn_np.data.captions import open_data_set
from mrnn_np.data.data_set import DataSet
from mrnn_np.data.tokens import tokenize
from mrnn_np.errors import UserError, printable
from mrnn_np.explanation.evidence import Evidence, Witness
from mrnn_np.explanation.maps import MAPS, Map, TwoNetworks, chosen, default_map
from mrnn_np.explanation.page import LEAST_BITS, Entry, Word, page
from mrnn_np.explanation.sheet import explained
from mrnn_np.files import atomic_write, new_file, write_text
from mrnn_np.vision.pictures import open_picture

PRIOR_IMAGES = 1000
"""Training images that P(w) is the mean of: more than a whole split has time for.

Of a hundred perhaps none fits the beginning of a long sentence, whose next word then looks like a surprise.
"""
SIDE = 320
"""Of the picture in a page, in pixels."""


def parse_arguments() -> argparse.Namespace:
    """Read the command line and refuse what contradicts itself."""
    parser = Parser(
        prog="python -m mrnn_np.explain",
        description="Tell how many bits a picture adds to each word of a caption, and where in it they come from.",
    )
    add_checkpoint_option(parser)
    parser.add_argument("--image", required=True, metavar="F", help="a picture, or the name of one of the data set's")
    parser.add_argument("--caption", metavar="TEXT", help="the sentence to ask about (default: the model's own)")
    add_beam_options(parser)
    parser.add_argument("--map", choices=tuple(MAPS), help="of --out (default: last or integrated, as the CNN ends)")
    parser.add_argument("--out", type=new_file, metavar="F", help="draw the words' maps: F.png, or F.html to browse")
    parser.add_argument("--cnn", default="", help="the CNN, where the training's features did not say it")
    parser.add_argument("--weights", metavar="F", help="the CNN's weights (default: those installed)")
    parser.add_argument("--data", default="", help="the data set of P(w) (default: that of the training)")
    parser.add_argument("--features", default="", help="features of its images (default: those of the training)")
    prior = whole("--prior-images", least=0)
    parser.add_argument(
        "--prior-images",
        type=prior,
        default=PRIOR_IMAGES,
        metavar="N",
        help=f"training images that P(w) is the mean of; 0: their mean alone, without data (default: {PRIOR_IMAGES})",
    )
    add_seed_option(parser, "draws these images")
    add_backend_option(parser)
    arguments = parser.parse_args()
    if arguments.out and arguments.out.suffix.lower() not in (".png", ".html"):
        raise UserError(f"--out {arguments.out}: is neither a picture nor a page; expected F.png or F.html")
    if arguments.map and not arguments.out:
        raise UserError("--map is drawn; say where with --out F.png or F.html")
    return arguments


def main() -> int:
    """Run the command."""
    arguments = parse_arguments()
    captioner = Captioner.load(arguments.checkpoint, backend_of(arguments))
    if not captioner.config.image:
        raise UserError(f"{arguments.checkpoint}: is an RNN-Base, which never sees an image; explain an m-RNN")
    named = arguments.cnn, arguments.weights
    cnn = captioner.cnn_of(arguments.image, *named) if os.path.exists(arguments.image) else captioner.cnn(*named)
    two, training = TwoNetworks.of(captioner, cnn), training_images(captioner, arguments)
    data_set = training.data_set if training else open_data_set(arguments.data or captioner.config.data)
    square = cnn.design.preprocessing.fitted(picture_called(arguments.image, data_set))
    I = two.look(np.asarray(square, np.float32)[None])

    given = arguments.caption is not None
    words = tokenize(arguments.caption) if given else own_caption(captioner, I, search_of(arguments))
    if not words and given:
        raise UserError(f'--caption: {arguments.caption!r} holds no word; give a sentence as "a dog runs"')
    if unknown := [word for word in words if word not in captioner.vocabulary.id_of]:
        print(f"not in the model's vocabulary, so any unknown word to it: {', '.join(unknown)}", file=sys.stderr)
    sentence = captioner.vocabulary.encode(words)
    count, seed = arguments.prior_images, arguments.seed
    witness = Witness.of(captioner, training, count, seed) if training else Witness.of_mean(captioner)
    ((evidence,),) = witness.evidence([[sentence]], I)
    others = f"{len(witness.others):,} training images" if training else "the mean of all training images"
    print_evidence(words, evidence, others)
    if os.path.exists(arguments.image):
        told = captioner.unlike_pictures([arguments.image], *named)
        if (captioner.unlike_training(I) if told is None else told)[0]:
            warn_of([arguments.image])

    if arguments.out:
        # Somebody who asks about a sentence wants to see every word of it.
        asked = None if given else evidence.with_bits(LEAST_BITS)
        kind = arguments.map or default_map(cnn)
        maps = dict(zip(chosen(sentence, asked), MAPS[kind](two, sentence, square, asked), strict=True))
        draw(arguments, square, words, evidence, maps, f"by the map \u201c{kind}\u201d, against {others}")
        print(arguments.out)
    return 0


def training_images(captioner: Captioner, arguments: argparse.Namespace) -> OpenSplit | None:
    """Return the training images that P(w) is the mean of; None where none are wanted."""
    if not arguments.prior_images:
        return None
    try:
        return captioner.open(arguments.data, arguments.features, "train")
    except UserError as error:
        raise UserError(f"{error}; --prior-images 0 does without") from None


def picture_called(image: str, data_set: DataSet) -> Image.Image:
    """Return the picture in a file, or the one that a data set that has pictures calls so."""
    if data_set.picture and not os.path.exists(image):
        try:
            return data_set.picture(image)
        except KeyError:
            raise UserError(f"--image {image}: is neither a file nor one of the {data_set.name}") from None
    return open_picture(Path(image))


def own_caption(captioner: Captioner, I: Array, search: BeamSearch | None) -> list[str]:
    """Return what the model itself says about an image of standardised features I, (1, d_I); None is greedy."""
    ((best, *_),) = captioner.write(np.arange(1), I.__getitem__, search)
    return captioner.vocabulary.decode(best.words).split()


def print_evidence(words: list[str], evidence: Evidence, others: str) -> None:
    """Print a line for each word, and what they add up to; `others` says what P(w) was asked of."""
    shown = [*map(printable, words), "END"]
    width, largest = max(map(len, shown)), max(1.0, float(evidence.bits.max()))
    print(f"{'word':{width}}  evidence  of log2 P")
    for word, bits, seen in zip(shown, evidence.bits, evidence.seen, strict=True):
        bar = "#" * max(0, round(30 * bits / largest))
        print(f"{word:{width}}  {bits:+8.1f}  {seen:+9.1f}  {bar}".rstrip())
    print(f"{'all':{width}}  {evidence.bits.sum():+8.1f}  {evidence.seen.sum():+9.1f}")
    print(f"bits that this picture adds to what {others} would have the model say: log2 P(w|I)/P(w)")


def draw(
    arguments: argparse.Namespace,
    square: Image.Image,
    words: list[str],
    evidence: Evidence,
    maps: dict[int, Map],
    how: str,
) -> None:
    """Write the picture or the page that --out names; `maps` are those of words by their places, and `how` made so."""
    of_words = [
        Word(word, bits, maps.get(t))
        for t, (word, bits) in enumerate(zip([*words, "END"], evidence.bits.tolist(), strict=True))
    ]
    if arguments.out.suffix.lower() == ".png":
        sheet = explained(square, of_words)
        atomic_write(arguments.out, lambda file: sheet.save(file, "PNG"))
        return
    entry = Entry(Path(arguments.image).name, square, of_words, float(evidence.seen.sum()))
    about = f"Where its words come from, {how}. {arguments.checkpoint}"
    write_text(arguments.out, page("A caption explained", about, [entry], SIDE))


if __name__ == "__main__":
    run_command(main)
