"""How true captions of scenes are: every claim of each counted as true, false or unparsable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import Scene


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


def count_claims(captions: Mapping[str, Sequence[str]], scenes: Mapping[str, Scene]) -> Claims:
    """Judge captions, as words, by the names of their scenes."""
    verdicts = [[claim.verdict for claim in judge(words, scenes[name])] for name, words in captions.items()]
    together = [verdict for of_caption in verdicts for verdict in of_caption]
    return Claims(
        together.count("true"),
        together.count("false"),
        together.count("unparsable"),
        len(verdicts),
        sum(set(of_caption) <= {"true"} for of_caption in verdicts),
    )
