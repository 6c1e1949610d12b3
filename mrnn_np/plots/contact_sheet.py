"""Pictures side by side, each with its captions under it, words coloured: what a run has to show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageOps

INK = "#222222"
PICTURE, MARGIN, FONT_SIZE, LINE = 192, 12, 13, 17  # pixels

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Line = Sequence[tuple[str, str]]  # words, each with its colour


@dataclass(frozen=True)
class Panel:
    """A picture, and lines of words in colours to go under it; a line too long for the picture's width is broken."""

    picture: Image.Image
    lines: Sequence[Line]


def plain(text: str) -> Line:
    """Return a line all in the colour of ink."""
    return [(word, INK) for word in text.split()]


def contact_sheet(panels: Sequence[Panel], columns: int = 4) -> Image.Image:
    """Return the panels as one picture, `columns` to a row, each row as high as its longest text needs."""
    font = ImageFont.load_default(FONT_SIZE)
    texts = [[row for line in panel.lines for row in _broken(line, font)] for panel in panels]
    rows = [range(first, min(first + columns, len(panels))) for first in range(0, len(panels), columns)]
    heights = [PICTURE + MARGIN + LINE * max(len(texts[i]) for i in row) for row in rows]
    width = columns * (PICTURE + MARGIN) + MARGIN
    sheet = Image.new("RGB", (width, sum(heights) + MARGIN * (len(rows) + 1)), "white")
    draw, y = ImageDraw.Draw(sheet), MARGIN
    for row, height in zip(rows, heights, strict=True):
        for column, i in enumerate(row):
            x = MARGIN + column * (PICTURE + MARGIN)
            picture = ImageOps.contain(panels[i].picture.convert("RGB"), (PICTURE, PICTURE))
            sheet.paste(picture, (x, y))
            _write(draw, texts[i], x, y + PICTURE + 4, font)
        y += height + MARGIN
    return sheet


def _broken(line: Line, font: Font) -> Iterator[Line]:
    """Break a line where the next word would not fit the picture's width."""
    row: list[tuple[str, str]] = []
    for word in line:
        if row and font.getlength(" ".join(text for text, _ in [*row, word])) > PICTURE:
            yield row
            row = []
        row.append(word)
    yield row


def _write(draw: ImageDraw.ImageDraw, rows: Sequence[Line], x: int, y: int, font: Font) -> None:
    for number, row in enumerate(rows):
        at = float(x)
        for word, colour in row:
            draw.text((at, y + number * LINE), word, fill=colour, font=font)
            at += font.getlength(word + " ")
