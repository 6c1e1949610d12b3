"""Scores side by side, as text."""

from collections.abc import Iterator, Mapping

_NARROWEST = 6  # characters that any score has room in


def table(columns: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Yield the lines of a table: a row for each score that any column has, in the order of first mention."""
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    first = max(map(len, names), default=0)
    widths = {title: max(len(title), _NARROWEST) for title in columns}
    yield f"{'':{first}}" + "".join(f"   {title:>{width}}" for title, width in widths.items())
    for name in names:
        cells = (number(column[name]) if name in column else "-" for column in columns.values())
        yield f"{name:{first}}" + "".join(f"   {c:>{width}}" for c, width in zip(cells, widths.values(), strict=True))


def number(value: float) -> str:
    """Return a score as people read it: counts whole, ratios with three places, larger ones with two."""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if abs(value) < 2 else f"{value:.2f}"
