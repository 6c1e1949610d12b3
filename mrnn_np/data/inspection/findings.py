"""Something that is wrong with data, and whether training on it would be a mistake."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One line about what is wrong and what to do; a `mistake` if training would fail or learn something else."""

    mistake: bool
    text: str


def finding_of_share(count: int, total: int, limit: float, text: str) -> list[Finding]:
    """Return a finding if `count` of `total` are wrong: a mistake when they are more than the share `limit`.

    `text` follows "3 of 100".
    """
    return [Finding(count > limit * total, f"{count:,} of {total:,} {text}")] if count else []
