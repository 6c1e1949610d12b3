"""Pictures of scenes with what was said about them, true words in one colour and false ones in another."""

from collections.abc import Mapping, Sequence

from PIL import Image

from mrnn_np.plots.contact_sheet import INK, Panel, contact_sheet
from mrnn_np.scenes.render import render
from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import Scene

COLOURS = {"true": "#0072B2", "false": "#D55E00", "unparsable": "#999999"}  # told apart by colour-blind people too


def coloured(words: Sequence[str], scene: Scene) -> list[tuple[str, str]]:
    """Return each word with a colour: that of the worst claim it is part of, or black where it claims nothing."""
    colours = [INK] * len(words)
    claims = judge(words, scene)
    for verdict in ("true", "unparsable", "false"):
        for claim in claims:
            if claim.verdict == verdict:
                colours[claim.start : claim.end] = [COLOURS[verdict]] * (claim.end - claim.start)
    return list(zip(words, colours, strict=True))


def scene_sheet(captions: Mapping[str, Sequence[str]], scenes: Mapping[str, Scene]) -> Image.Image:
    """Return a contact sheet of captions, as words, by the names of their scenes."""
    return contact_sheet(
        [Panel(render(scenes[name], 192), [coloured(words, scenes[name])]) for name, words in captions.items()]
    )
