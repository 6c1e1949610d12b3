"""Scores side by side as text, and what the paper reports for sentence generation, to stand beside a model's own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_SCORES = ("perplexity", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4")
_NARROWEST = 6  # characters that any score has room in


def table(columns: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Yield the lines of a table: a row for each score that any column has, in the order of first mention."""
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    first = max(map(len, names), default=0)
    widths = {title: max(len(title), _NARROWEST) for title in columns}
    yield f"{'':{first}}" + "".join(f"   {title:>{width}}" for title, width in widths.items())
    for name in names:
        cells = (score_text(column[name]) if name in column else "-" for column in columns.values())
        yield f"{name:{first}}" + "".join(f"   {c:>{width}}" for c, width in zip(cells, widths.values(), strict=True))


def score_text(value: float) -> str:
    """Return a score as people read it: counts whole, ratios with three places, larger ones with two."""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if abs(value) < 2 else f"{value:.2f}"


@dataclass(frozen=True)
class PublishedRow:
    """One row of the paper's tables; `image` is False for RNN-Base.

    `mark` is "quoted" when it was read in a text about the paper, and "recalled" when it was not checked.
    """

    data: str
    model: str
    image: bool
    mark: str
    values: tuple[float, ...]

    @property
    def scores(self) -> dict[str, float]:
        """The scores by name, as `caption_scores` names them."""
        return dict(zip(_SCORES, self.values, strict=True))


# From J. Mao, W. Xu, Y. Yang, J. Wang, Z. Huang, A. Yuille: Deep captioning with multimodal recurrent neural networks
# (m-RNN), ICLR 2015.  All are of test splits and of features by AlexNet or VGGNet, and so not comparable number for
# number with a model on others.
_ROWS = (
    PublishedRow("iaprtc12", "RNN-Base", False, "recalled", (7.77, 0.307, 0.177, 0.096, 0.043)),
    PublishedRow("iaprtc12", "m-RNN-AlexNet", True, "recalled", (6.92, 0.482, 0.357, 0.269, 0.208)),
    PublishedRow("flickr8k", "m-RNN-AlexNet", True, "quoted", (24.39, 0.565, 0.386, 0.256, 0.170)),
    PublishedRow("flickr30k", "m-RNN-AlexNet", True, "recalled", (35.11, 0.54, 0.36, 0.23, 0.15)),
    PublishedRow("flickr30k", "m-RNN-VGGNet", True, "recalled", (20.72, 0.60, 0.41, 0.28, 0.19)),
    PublishedRow("coco", "m-RNN-VGGNet", True, "recalled", (13.60, 0.67, 0.49, 0.35, 0.25)),
)


def data_set_named(spec: str) -> str:
    """Return which of the paper's data sets `--data` names, as the rows call it, or "" where it is another.

    Of ``karpathy:PLACE`` the path tells, from its end; ``mrnn:`` is the authors' own MS COCO.
    """
    kind, _, place = spec.partition(":")
    names = {row.data for row in _ROWS}
    parts = {"mrnn": ("coco",), "karpathy": Path(place.lower()).parts}.get(kind, (kind,))
    return next((name for part in reversed(parts) for name in sorted(names) if name in part), "")


def published_rows(spec: str, image: bool) -> tuple[PublishedRow, ...]:
    """Return the paper's rows for the data set that `--data` names, with images or without (RNN-Base)."""
    name = data_set_named(spec)
    return tuple(row for row in _ROWS if row.data == name and row.image == image)
