"""What is wrong with the captions of a data set, their words and lengths, and with the names of images and splits."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mrnn_np.data.data_set import CaptionData
from mrnn_np.data.names import NameIndex
from mrnn_np.data.readers.splits import KNOWN_SPLITS
from mrnn_np.data.tokens import undivided

THRESHOLDS = (1, 2, 3, 5, 10)
"""The minimum counts that the vocabulary is told for."""
LONG = 50
"""A text of more words is likely to be something other than a caption."""


class Finding(NamedTuple):
    """One line about what is wrong and what to do; a `mistake` if training would fail or learn something else."""

    mistake: bool
    text: str


def finding_of_share(count: int, total: int, limit: float, text: str) -> list[Finding]:
    """Return a finding if `count` of `total` are wrong: a mistake when they are more than the share `limit`.

    `text` follows "3 of 100".
    """
    return [Finding(count > limit * total, f"{count:,} of {total:,} {text}")] if count else []


@dataclass(frozen=True, eq=False)
class SplitCaptions:
    """A split's captions: n of them, of m images."""

    lengths: npt.NDArray[np.int64]
    """(n,) words of each caption"""
    per_image: npt.NDArray[np.int64]
    """(m,) captions of each image"""
    words: Counter[str]
    """how often each word is said"""
    distinct: int
    """how many different captions there are"""
    repeated: int
    """how many captions say what another one of the same image says"""

    def known(self, words: set[str]) -> float:
        """Return the share of all words said that are among `words`."""
        return sum(count for word, count in self.words.items() if word in words) / self.words.total()


def inspect_captions(data: CaptionData) -> dict[str, SplitCaptions]:
    """Count the captions of each split."""
    return {split: _counted(data, images) for split, images in data.splits.items()}


def vocabulary_sizes(splits: dict[str, SplitCaptions]) -> Iterator[tuple[int, int, dict[str, float]]]:
    """Yield for each minimum count: the words that "train" says that often, and their share in each split."""
    for threshold in THRESHOLDS:
        words = {word for word, count in splits["train"].words.items() if count >= threshold}
        yield threshold, len(words), {split: counted.known(words) for split, counted in splits.items()}


def caption_findings(data: CaptionData, splits: dict[str, SplitCaptions], min_count: int) -> list[Finding]:
    """Return what is wrong with the captions when words that "train" says `min_count` times make the vocabulary."""
    if "train" not in splits:
        return [Finding(True, f"there is no train split, only {', '.join(splits)}; give one")]
    findings = []
    if not {"dev", "val"} & splits.keys():
        findings.append(Finding(True, f"there is no dev or val split, only {', '.join(splits)}; give one"))
    train = splits["train"]
    words = {word for word, count in train.words.items() if count >= min_count}
    if not words:
        findings.append(Finding(True, f"no word is said {min_count} times in train; lower --min-count"))
    if problem := undivided(train.words):
        findings.append(Finding(True, problem))
    for split, counted in splits.items():
        n = len(counted.lengths)
        unknown = 1 - counted.known(words)
        if words and unknown > 0.05:
            other = "captions of another kind or language than train's, or too few"
            advice = f"too few captions for --min-count {min_count}" if split == "train" else other
            findings.append(Finding(unknown > 0.3, f"{unknown:.0%} of the words in {split} are unknown: {advice}"))
        long = int(np.count_nonzero(counted.lengths > LONG))
        text = f"captions in {split} have more than {LONG} words; look for lines that run together"
        findings += finding_of_share(long, n, 0.1, text)
        text = f"captions in {split} say word for word what another one of the same image says"
        findings += finding_of_share(counted.repeated, n, 0.3, text)
    said, times = Counter(caption for image in data.splits["train"] for caption in data.captions[image]).most_common(1)[
        0
    ]
    if times > 0.1 * len(train.lengths) and times > 2:
        caption = " ".join(said)[:60]
        findings.append(
            Finding(True, f"{times / len(train.lengths):.0%} of train's captions are {caption!r}; look why")
        )
    shared = sum(len(images) for images in data.splits.values()) - len(set().union(*data.splits.values()))
    if shared:
        findings.append(Finding(True, f"{shared:,} images are in two splits; what is tested was learnt by heart"))
    return findings


def _counted(data: CaptionData, images: tuple[str, ...]) -> SplitCaptions:
    captions = [data.captions[image] for image in images]
    every = [caption for of_image in captions for caption in of_image]
    return SplitCaptions(
        np.array([len(caption) for caption in every]),
        np.array([len(of_image) for of_image in captions]),
        Counter(word for caption in every for word in caption),
        len(set(every)),
        sum(len(of_image) - len(set(of_image)) for of_image in captions),
    )


def name_findings(data: CaptionData) -> list[Finding]:
    """Return what is wrong with the names of a data set's images and splits."""
    images = list(dict.fromkeys(image for split in data.splits.values() for image in split))
    findings = []
    for split, of_split in data.splits.items():
        if split not in KNOWN_SPLITS:
            text = f"images are in {split!r}, a split that nothing is trained on or judged by; is it meant?"
            findings += finding_of_share(len(of_split), len(images), 0.1, text)
    if "restval" in data.splits:
        text = (
            f"{len(data.splits['restval']):,} images of restval are not trained on; with karpathy:FILE,restval they are"
        )
        findings.append(Finding(False, text))
    if pairs := list(_alike(images)):
        one, other = pairs[0]
        text = f"images have a name that could mean another one too, as {one!r} and {other!r}; give each image one name"
        findings += finding_of_share(len(pairs), len(images), 0.01, text)
    times = Counter(map(str.casefold, images))
    if twins := [image for image in images if times[image.casefold()] > 1]:
        other = next(image for image in twins[1:] if image.casefold() == twins[0].casefold())
        text = f"images are told apart by upper and lower case only, as {twins[0]!r} and {other!r}; are they the same?"
        findings += finding_of_share(len(twins), len(images), 0.01, text)
    return findings


def _alike(images: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each image that another one's name could mean too, and the first such name."""
    index = NameIndex(images)
    for image in images:
        for other in index.alike(image):
            if other != image:
                yield image, other
                break
