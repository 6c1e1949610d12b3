"""How true captions are: the verdicts of a data set's judge on each claim, counted, and shown as colours of words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from mrnn_np.data.data_set import Claim, Draw, Judge
from mrnn_np.plots.contact_sheet import INK, PICTURE, Panel, contact_sheet

COLOURS = {"true": "#0072B2", "false": "#D55E00", "unparsable": "#999999"}  # told apart by colour-blind people too


@dataclass(frozen=True)
class Claims:
    """The claims of some captions, by verdict, and the captions themselves."""

    true: int
    false: int
    unparsable: int
    captions: int
    without_false: int
    """captions of which no claim is false or unparsable"""

    @property
    def share_true(self) -> float:
        """The share of all claims that are true; 0 when there are none."""
        return self.true / max(1, self.true + self.false + self.unparsable)

    @property
    def share_without_false(self) -> float:
        """The share of captions of which no claim is false or unparsable."""
        return self.without_false / max(1, self.captions)

    def __str__(self) -> str:
        """Return the two shares in a line."""
        return (
            f"{self.share_true:.1%} of {self.true + self.false + self.unparsable:,} claims true; "
            f"{self.share_without_false:.1%} of {self.captions:,} captions without a false one"
        )


def count_claims(captions: Mapping[str, Sequence[str]], judge: Judge) -> Claims:
    """Judge captions, as words, by the names of their images."""
    verdicts = [[claim.verdict for claim in judge(name, words)] for name, words in captions.items()]
    together = [verdict for of_caption in verdicts for verdict in of_caption]
    return Claims(
        together.count("true"),
        together.count("false"),
        together.count("unparsable"),
        len(verdicts),
        sum(set(of_caption) <= {"true"} for of_caption in verdicts),
    )


def coloured(words: Sequence[str], claims: Sequence[Claim]) -> list[tuple[str, str]]:
    """Return each word with a colour: that of the worst claim it is part of, or black where it claims nothing."""
    colours = [INK] * len(words)
    for verdict in ("true", "unparsable", "false"):
        for claim in claims:
            if claim.verdict == verdict:
                colours[claim.start : claim.end] = [COLOURS[verdict]] * (claim.end - claim.start)
    return list(zip(words, colours, strict=True))


def sheet_of_claims(captions: Mapping[str, Sequence[str]], picture: Draw, judge: Judge | None) -> Image.Image:
    """Return a contact sheet of captions, as words, by the names of their images; without a judge all are black."""
    claims = {name: judge(name, words) if judge else () for name, words in captions.items()}
    return contact_sheet(
        [Panel(picture(name, PICTURE), [coloured(words, claims[name])]) for name, words in captions.items()]
    )
