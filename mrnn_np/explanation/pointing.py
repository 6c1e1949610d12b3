"""Are explanations right?  python -m mrnn_np.explanation.pointing --checkpoint F --split test.

The pointing game: does the strongest place of a word's map lie on the thing that the word is about?  And do the words
of false claims have less evidence than those of true ones?  Both need a data set that knows what captions of its images
claim, and the game also where their things are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from tqdm import tqdm

from mrnn_np.backend import Array
from mrnn_np.captioning.captioner import SEARCH, Captioner, OpenSplit
from mrnn_np.captioning.options import add_model_options
from mrnn_np.captioning.written import Written
from mrnn_np.command_line.options import Parser, add_backend_option, backend_of
from mrnn_np.command_line.run import run_command
from mrnn_np.data.data_set import Claim, DataSet
from mrnn_np.errors import UserError
from mrnn_np.evaluation.sentences import Sentence
from mrnn_np.explanation.evidence import Evidence, evidence_of
from mrnn_np.explanation.maps import MAPS, TwoNetworks, strongest
from mrnn_np.explanation.page import LEAST_BITS

KINDS = ("thing", "colour")
"""The claims that name something one can point at."""


@dataclass(frozen=True)
class Pointed:
    """Whether each map's strongest place lay on the thing that a claim is about."""

    kind: str
    """of the claim"""
    bits: float
    """the evidence of its words"""
    on_it: dict[str, float]
    """by map, 1 or 0; of chance the thing's share of the picture, and of the picture's centre 1 or 0"""


def main() -> int:
    """Run the command."""
    parser = Parser(
        prog="python -m mrnn_np.explanation.pointing",
        description="Play the pointing game with people's captions, and compare the evidence of true and false claims.",
    )
    add_model_options(parser, "dev or val")
    add_backend_option(parser)
    arguments = parser.parse_args()
    captioner = Captioner.load(arguments.checkpoint, backend_of(arguments))
    opened = captioner.open(arguments.data, arguments.features, arguments.split, arguments.limit)
    if opened.data_set.judge is None or opened.data_set.picture is None or opened.data_set.see is None:
        raise UserError(f"--data {opened.data_set.name}: does not know where its things are; the scenes do")
    if not captioner.config.image:
        raise UserError(f"{arguments.checkpoint}: is an RNN-Base, which never sees an image; explain an m-RNN")

    pointed = [*play(captioner, opened)]
    print(f"{len(opened.split.images):,} images of {opened.data_set.name} {opened.name}, one caption of people each")
    with_evidence = [one for one in pointed if one.bits >= LEAST_BITS]
    for title, some in (("all words", pointed), (f"{LEAST_BITS:g} bit or more", with_evidence)):
        columns = [[one for one in some if one.kind in kinds] for kinds in (*((kind,) for kind in KINDS), KINDS)]
        print(f"\n{title:16}" + "".join(f"{name:>9}" for name in (*KINDS, "both")))
        print(f"{'claims':16}" + "".join(f"{len(column):9,}" for column in columns))
        for name in some[0].on_it if some else ():
            print(f"{name:16}" + "".join(f"{_mean([one.on_it[name] for one in column]):9.1%}" for column in columns))
    people = opened.split.captions
    for title, captions in (
        (f"the captions that beam {SEARCH.width} found", beams_captions(captioner, opened)),
        ("what people said of the next image", [*people[1:], people[0]]),
    ):
        true, false = claimed_bits(captioner, opened, captions)
        print(f"\n{title}: {len(true):,} true claims, {len(false):,} false ones")
        area = area_under_curve(true, false)
        print(f"median bits {_median(true):.1f} and {_median(false):.1f}; area under the curve {area:.3f}")
    return 0


def play(captioner: Captioner, opened: OpenSplit, maps: Sequence[str] = tuple(MAPS)) -> Iterator[Pointed]:
    """Yield what comes of each true claim of the first caption of each image that one can point at.

    A claim of several words has the sum of their maps.
    """
    two, data_set = TwoNetworks.of(captioner, captioner.cnn()), opened.data_set
    captions = [captions[0] for captions in opened.split.captions]
    found = evidence_of(captioner, opened, [[caption] for caption in captions])
    rounds = zip(opened.split.images, captions, found, strict=True)
    for image, caption, (evidence,) in tqdm(rounds, "pointing", len(captions), unit="image", disable=None):
        yield from _play_one(two, captioner, data_set, image, caption, evidence, maps)


def _play_one(
    two: TwoNetworks,
    captioner: Captioner,
    data_set: DataSet,
    image: str,
    caption: Sequence[str],
    evidence: Evidence,
    maps: Sequence[str],
) -> Iterator[Pointed]:
    assert data_set.judge
    assert data_set.picture
    assert data_set.see
    claims = [claim for claim in data_set.judge(image, caption) if _can_be_pointed_at(claim)]
    words = sorted({word for claim in claims for word in range(claim.start, claim.end)})
    if not words:
        return
    size = two.cnn.design.preprocessing.size
    square = two.cnn.design.preprocessing.fitted(data_set.picture(image, size))
    sentence = captioner.vocabulary.encode(caption)
    shares = {name: dict(zip(words, MAPS[name](two, sentence, square, words), strict=True)) for name in maps}
    for claim in claims:
        thing, its_words = data_set.see(image, claim.things[0], size), range(claim.start, claim.end)
        if thing.any():
            on_it = {"chance": float(thing.mean()), "centre": float(thing[size // 2, size // 2])}
            for name, of_words in shares.items():
                row, column = strongest(np.sum([of_words[word] for word in its_words], axis=0), size)
                on_it[name] = float(thing[row, column])
            yield Pointed(claim.kind, float(evidence.bits[its_words].sum()), on_it)


def _can_be_pointed_at(claim: Claim) -> bool:
    return claim.verdict == "true" and claim.kind in KINDS and len(claim.things) == 1


def beams_captions(captioner: Captioner, opened: OpenSplit) -> list[list[Sentence]]:
    """Return all captions that beam search finds for each image."""
    search = replace(SEARCH, n_best=SEARCH.width)
    written = captioner.write(opened.split.feature_rows, opened.read_images, search)
    return [Written.of(of_image, captioner.vocabulary).sentences for of_image in written]


def claimed_bits(
    captioner: Captioner, opened: OpenSplit, captions: Sequence[Sequence[Sequence[str]]]
) -> tuple[Array, Array]:
    """Return the evidence of the true claims, and that of the false ones, that some captions of each image make."""
    assert opened.data_set.judge
    bits: dict[str, list[float]] = {"true": [], "false": [], "unparsable": []}
    found = evidence_of(captioner, opened, captions)
    for image, of_image, of_evidence in zip(opened.split.images, captions, found, strict=True):
        for caption, evidence in zip(of_image, of_evidence, strict=True):
            for claim in opened.data_set.judge(image, caption):
                bits[claim.verdict].append(float(evidence.bits[claim.start : claim.end].sum()))
    return np.array(bits["true"]), np.array(bits["false"])


def area_under_curve(higher: Array, lower: Array) -> float:
    """Return how often one of `higher` is above one of `lower`, of all pairs; a tie is half of one."""
    if not len(higher) or not len(lower):
        return float("nan")
    every = np.sort(lower)
    below, up_to = np.searchsorted(every, higher, "left"), np.searchsorted(every, higher, "right")
    return float((below + up_to).mean() / 2 / len(lower))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _median(values: Array) -> float:
    return float(np.median(values)) if len(values) else float("nan")


if __name__ == "__main__":
    run_command(main)
