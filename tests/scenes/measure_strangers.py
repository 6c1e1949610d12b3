"""How true a captioner's captions are of drawings by strangers:  python tests/scenes/measure_strangers.py drawings

The drawings are in strangers/, and what is in them in strangers/scenes.json; strangers/README.md says how each was made
and described.  In nothing/ are 40 pictures of which nothing true can be said: they ought to be warned of.  All are for
measuring alone: nothing is trained on them, and what was decided after a look at them notebooks/RESULTS.md tells.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from mrnn_np.captioning.captioner import Captioner
from mrnn_np.data.data_set import Claim
from mrnn_np.evaluation.claims import Claims, count_claims
from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import Relation, Scene, Thing

STRANGERS, NOTHING = (Path(__file__).with_name(name) for name in ("strangers", "nothing"))


def drawings() -> dict[str, list[Scene]]:
    """Return the names of the drawings, and for each all scenes that it may be of."""
    described = json.loads((STRANGERS / "scenes.json").read_text())
    return {name: scenes_of(description) for name, description in described.items()}


def scenes_of(description: Mapping[str, Any]) -> list[Scene]:
    """Return all scenes that a description allows: its "a|b" is either, and its "" is what the drawing leaves open."""
    relations = tuple(Relation(*relation) for relation in description.get("relations", ()))
    where = [description[key].split("|") for key in ("setting", "time", "sky")]
    things = [
        [
            Thing(kind, colour, thing.get("count", 1), size, action)
            for kind, colour, size, action in product(
                *(thing.get(key, "").split("|") for key in ("kind", "colour", "size", "action"))
            )
        ]
        for thing in description["things"]
    ]
    return [Scene(*place, one, relations) for place in product(*where) for one in product(*things)]


def judge_kindly(words: Sequence[str], scenes: Sequence[Scene]) -> tuple[Claim, ...]:
    """Return the claims of a caption, judged by that of the scenes of which most of it is true."""
    return max((judge(words, scene) for scene in scenes), key=lambda claims: [c.verdict for c in claims].count("true"))


def captions_by(captioner: Captioner) -> dict[str, str]:
    """Return what a captioner says of each drawing, by its name."""
    names = list(drawings())
    seen = captioner.picture_features([STRANGERS / f"{name}.png" for name in names])
    return dict(zip(names, captioner.caption(seen.values), strict=True))


def measure(captions: Mapping[str, str]) -> Claims:
    """Return how true captions are of the drawings of these names."""
    known = drawings()
    words = {name: caption.split() for name, caption in captions.items()}
    return count_claims(words, lambda name, said: judge_kindly(said, known[name]))


def main() -> None:
    """Caption all drawings, and print how many of the claims are true, hand by hand and in all."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("checkpoint", help="a captioner that reads --cnn scene: a file, or drawings, or scenes")
    parser.add_argument("--captions", action="store_true", help="print every caption too, false words in capitals")
    arguments = parser.parse_args()
    known = drawings()
    captioner = Captioner.load(arguments.checkpoint)
    captions = captions_by(captioner)
    if arguments.captions:
        for name, caption in captions.items():
            words = caption.split()
            for claim in judge_kindly(words, known[name]):
                if claim.verdict != "true":
                    words[claim.start : claim.end] = [word.upper() for word in words[claim.start : claim.end]]
            print(f"{name:24} {' '.join(words)}")
    for hand in dict.fromkeys(name.partition("-")[0] for name in known):
        print(f"{hand:12} {measure({name: said for name, said in captions.items() if name.startswith(hand)})}")
    print(f"{'all':12} {measure(captions)}")
    true = {name for name, caption in captions.items() if not measure({name: caption}).false}
    for kind, paths in {
        "drawings with a true caption": [STRANGERS / f"{name}.png" for name in known if name in true],
        "other drawings": [STRANGERS / f"{name}.png" for name in known if name not in true],
        "pictures of nothing": sorted(NOTHING.glob("*.png")),
    }.items():
        print(f"warned of {sum(captioner.unlike_pictures(paths))} of {len(paths)} {kind}")


if __name__ == "__main__":
    main()
