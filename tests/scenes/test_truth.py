"""What captions claim of a scene and whether it is so: by hand, on the generator's own captions, and on nonsense."""

from itertools import pairwise

import numpy as np
import pytest

from mrnn_np.scenes.english import LONGEST, SHORTEST, caption_phrase
from mrnn_np.scenes.grammar import sample
from mrnn_np.scenes.storylines import draw_scene
from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import Relation, Scene, Thing

BEACH = Scene(
    "beach",
    "day",
    "sun",
    (Thing("dog", "brown", 2, "", "run"), Thing("ball", "red", 1, "small")),
    (Relation(0, "chase", 1),),
)
PARK = Scene(
    "park",
    "night",
    "moon",
    (
        Thing("woman", "red", 1, "", "walk"),
        Thing("dog", "black", 1, "small", "walk"),
        Thing("bird", "white", 2, "", "fly"),
    ),
    (Relation(0, "lead", 1), Relation(2, "above", 0)),
)
FIELD = Scene(
    "field",
    "day",
    "clear",
    (Thing("boy", "blue", 1, "", "jump"), Thing("girl", "pink", 1, "", "jump")),
    (Relation(0, "left", 1),),
)
STREET = Scene(
    "street",
    "day",
    "rain",
    (Thing("car", "green", 1, "", "park"), Thing("house", "white", 1, "big")),
    (Relation(0, "front", 1),),
)
KITE = Scene(
    "beach",
    "day",
    "clouds",
    (Thing("boy", "red", 1, "", "fly"), Thing("kite", "yellow")),
    (Relation(0, "fly", 1),),
)


def claims(scene, caption):
    """Every claim as "kind text: verdict", verdicts by their initials."""
    return {f"{c.kind} {c.text}: {c.verdict[0]}" for c in judge(caption.split(), scene)}


def not_true(scene, caption):
    return {claim for claim in claims(scene, caption) if not claim.endswith(": t")}


def test_every_claim_of_a_caption():
    assert claims(PARK, "a lady in red walks her small black puppy in the park under the moon") == {
        "count a lady: t",
        "thing lady: t",
        "colour red: t",
        "action walks: t",
        "relation her small black puppy: t",
        "count her small black puppy: t",
        "size small: t",
        "colour black: t",
        "thing puppy: t",
        "setting in the park: t",
        "setting under the moon: t",
    }


def test_claims_say_where_their_words_are():
    words = "two brown dogs chase a red ball on the beach".split()
    found = judge(words, BEACH)
    assert [(c.start, c.end) for c in found] == sorted((c.start, c.end) for c in found)
    assert all(c.text == " ".join(words[c.start : c.end]) for c in found)
    assert {c.text for c in found if c.kind == "setting"} == {"on the beach"}


@pytest.mark.parametrize(
    ("scene", "caption"),
    [
        (BEACH, "there are two brown dogs running after a red ball on the sand"),
        (BEACH, "in the sunshine a couple of dogs chase the small ball by the sea"),
        (BEACH, "some dogs"),
        (BEACH, "two dogs run on a clear day under a blue sky"),
        (PARK, "two white birds soar overhead"),
        (PARK, "a small dog under two white birds"),
        (PARK, "two birds fly above a dog"),
        (PARK, "some birds fly over a black dog"),
        (PARK, "a woman walks next to a dog"),
        (PARK, "a dog walks beside a woman"),
        (PARK, "a person in a red dress strolls with a dog in the moonlight"),
        (PARK, "a woman walking while two birds fly above"),
        (PARK, "two birds flying in the sky at night"),
        (FIELD, "a boy in blue and a girl in pink leap in a meadow on a clear day"),
        (FIELD, "two kids jump on the green grass under a blue sky"),
        (FIELD, "two people are jumping"),
        (FIELD, "a girl dressed in pink jumps on the right of a boy wearing a blue jacket"),
        (FIELD, "a girl with a boy"),
        (FIELD, "a boy jumps under the sky"),
        (KITE, "a kid flies a yellow kite on a cloudy day"),
        (STREET, "a green car is parked on a city street with a big house in the background"),
        (STREET, "a white house behind a car as the rain falls"),
        (STREET, "the car waits near a large white house by the road"),
    ],
)
def test_true_captions(scene, caption):
    assert claims(scene, caption)
    assert not_true(scene, caption) == set()


@pytest.mark.parametrize(
    ("scene", "caption", "false"),
    [
        # Colours.
        (BEACH, "two black dogs chase a blue ball", {"colour black: f", "colour blue: f"}),
        (FIELD, "a boy in pink jumps", {"colour pink: f"}),
        (PARK, "a woman in a red jacket", {"colour red jacket: f"}),
        (PARK, "a woman in a blue dress", {"colour blue dress: f"}),
        # Counts.
        (BEACH, "three dogs run", {"count three dogs: f"}),
        (BEACH, "a group of brown dogs run", {"count a group of brown dogs: f"}),
        (BEACH, "a dog runs", {"count a dog: f"}),
        (FIELD, "three children jump", {"count three children: f"}),
        (FIELD, "two boys jump", {"count two boys: f"}),
        (PARK, "some women walk", {"count some women: f"}),
        # Sizes.
        (BEACH, "two dogs chase a big ball", {"size big: f"}),
        (STREET, "a small house", {"size small: f"}),
        (STREET, "a little car", {"size little: f"}),
        # Actions.
        (BEACH, "two brown dogs sleep on the beach", {"action sleep: f"}),
        (PARK, "two white birds walk", {"action walk: f"}),
        (STREET, "a car drives down the street", {"action drives: f"}),
        # Relations, with and without a deed.
        (FIELD, "a boy jumps to the right of a girl", {"relation to the right of a girl: f"}),
        (FIELD, "a girl jumps on the left of a boy", {"relation on the left of a boy: f"}),
        (STREET, "a car behind a house", {"relation behind a house: f"}),
        (STREET, "a house with a car in the background", {"relation with a car in the background: f"}),
        (BEACH, "two dogs run beside a ball", {"relation beside a ball: f"}),
        (BEACH, "two dogs throw a ball", {"action throw: f", "relation a ball: f"}),
        (PARK, "a dog walks overhead", {"relation overhead: f"}),
        (PARK, "a woman walks in the sky", {"relation in the sky: f"}),
        (PARK, "two birds under a woman", {"relation under a woman: f"}),
        (PARK, "a dog above a woman", {"relation above a woman: f"}),
        (KITE, "a boy flies overhead", {"relation overhead: f"}),
        # Settings: places, times, skies.
        (BEACH, "two dogs run through the forest", {"setting through the forest: f"}),
        (BEACH, "two dogs run at night", {"setting at night: f"}),
        (BEACH, "two dogs run in the sea", {"setting in the sea: f"}),
        (STREET, "a car on a sunny street", {"setting sunny: f"}),
        (PARK, "a woman walks under the stars", {"setting under the stars: f"}),
        (FIELD, "two kids jump in the dark", {"setting dark: f"}),
    ],
)
def test_one_false_claim(scene, caption, false):
    assert not_true(scene, caption) == false


def test_a_thing_that_is_not_there_makes_all_that_is_said_of_it_false():
    assert claims(BEACH, "a black cat sleeps on the beach") == {
        "count a black cat: f",
        "colour black: f",
        "thing cat: f",
        "action sleeps: f",
        "setting on the beach: t",
    }
    assert not_true(BEACH, "two dogs run under a tree") == {
        "relation under a tree: f",
        "count a tree: f",
        "thing tree: f",
    }
    assert "thing puppy: f" in claims(BEACH, "a puppy runs")  # none of these dogs is small


def test_one_thing_is_not_two():
    found = judge("a girl and a girl jump".split(), FIELD)
    assert [c.verdict for c in found if c.kind == "thing"] == ["true", "false"]
    assert [c.verdict for c in judge("dogs dogs dogs".split(), BEACH) if c.kind == "thing"] == [
        "true",
        "false",
        "false",
    ]


def test_who_joins_a_clause_does_what_the_others_do_and_a_new_clause_is_of_its_own():
    things = (Thing("man", "red", 1, "", "stand"), Thing("cat", "black", 1, "", "sit"))
    scene = Scene("park", "day", "sun", things, (Relation(0, "left", 1),))
    assert not_true(scene, "a man stands and a cat sits in the park") == set()
    assert not_true(scene, "a man stands while a cat sits") == set()
    assert not_true(scene, "a man and a cat sit") == {"action sit: f"}


def test_the_kindest_reading_counts():
    two_dogs = (Thing("dog", "black", 1, "", "sit"), Thing("dog", "white", 1, "", "run"))
    scene = Scene("park", "day", "sun", two_dogs, (Relation(0, "left", 1),))
    assert not_true(scene, "a white dog runs to the right of a black dog") == set()
    assert not_true(scene, "a dog sits on the left of a dog") == set()
    assert not_true(scene, "a black dog runs") in ({"colour black: f"}, {"action runs: f"})


@pytest.mark.parametrize(
    ("caption", "unparsable"),
    [
        ("zebra", {"zebra"}),
        ("two brown dogs run xylophone", {"xylophone"}),
        ("two dogs run of the", {"of", "the"}),
        ("on the", {"on the"}),
        ("runs", {"runs"}),
        ("brown", {"brown"}),
        ("two dogs with the", {"with the"}),
        ("a sunny dog", {"sunny"}),
        ("two dogs in a red beach", {"red"}),
        ("two dogs wearing the beach", {"wearing the beach"}),
        ("a dog and a man a boat", {"a boat"}),
    ],
)
def test_unparsable_words(caption, unparsable):
    found = {c.text for c in judge(caption.split(), BEACH) if c.verdict == "unparsable"}
    assert found >= unparsable
    assert all(c.verdict == "unparsable" for c in judge(caption.split(), BEACH) if c.kind == "unparsable")


def test_an_empty_caption_claims_nothing():
    assert judge((), BEACH) == ()
    assert judge(["there", "is"], BEACH) == ()


def drawn(count, seed):
    """So many scenes with a caption each."""
    rng = np.random.default_rng(seed)
    pairs = []
    while len(pairs) < count:
        scene = draw_scene(rng)
        caption = sample(caption_phrase(scene), rng)
        if SHORTEST <= len(caption) <= LONGEST:
            pairs.append((scene, caption))
    return pairs


@pytest.fixture(scope="module")
def captioned():
    return drawn(2000, seed=0)


def test_all_that_the_generator_says_is_true(captioned):
    for scene, caption in captioned:
        found = judge(caption, scene)
        assert any(c.kind == "thing" for c in found), caption
        assert [c for c in found if c.verdict != "true"] == [], (caption, scene)


def test_every_word_that_matters_is_part_of_a_claim(captioned):
    """No noun, colour, number or place is read past."""
    telling = set("dog dogs cat horse cow bird boy girl man woman car bus truck boat tree house ball kite".split())
    telling |= set("red blue yellow green white black brown grey orange pink purple two three four".split())
    telling |= set("beach street forest snow park field sea night rain sunset".split())
    for scene, caption in captioned:
        claimed = {at for c in judge(caption, scene) for at in range(c.start, c.end)}
        assert not {word for at, word in enumerate(caption) if at not in claimed} & telling, caption


def test_captions_of_other_scenes_are_mostly_false(captioned):
    wrong = 0
    for (scene, _), (other, caption) in pairwise(captioned):
        verdicts = [c.verdict for c in judge(caption, scene)]
        assert "unparsable" not in verdicts
        wrong += "false" in verdicts or scene == other
    assert wrong > 0.99 * (len(captioned) - 1)


COLOURS = "red blue yellow green white black brown grey orange pink purple".split()
NUMBERS = ("two", "three", "four")
ANIMALS = {"dog", "cat", "horse", "cow", "bird", "duck", "dolphin"}
PLACES = ("beach", "street", "forest", "park")
OF_PLACES = ("green field", "green grass", "green park", "green forest", "white snow", "white clouds", "blue sky")


def facts(scene):
    """All that a colour, number, animal or place in a true caption of the scene may be."""
    true = {str(thing.colour) for thing in scene.things} | {thing.kind for thing in scene.things}
    counts = [thing.count for thing in scene.things]
    true |= {word for word, number in (("two", 2), ("three", 3), ("four", 4)) if number in counts}
    return true | {"two"} | {scene.setting}


def test_a_true_caption_with_one_word_changed_is_false(captioned):
    rng = np.random.default_rng(1)
    changed = dict.fromkeys(("colour", "number", "animal", "place"), 0)
    for scene, caption in captioned:
        for at, word in enumerate(caption):
            for name, words in (("colour", COLOURS), ("number", NUMBERS), ("animal", ANIMALS), ("place", PLACES)):
                others = sorted(set(words) - facts(scene))
                if word not in words or not others:
                    continue
                if " ".join(caption[at : at + 2]) in OF_PLACES:
                    continue
                mutant = (*caption[:at], others[rng.integers(len(others))], *caption[at + 1 :])
                verdicts = {c.verdict for c in judge(mutant, scene)}
                no_such_place = name == "place" and caption[at - 1] in (
                    "sandy",
                    "city",
                )  # a sandy forest is none at all
                assert ("unparsable" if no_such_place else "false") in verdicts, (" ".join(mutant), scene)
                changed[name] += 1
    assert min(changed.values()) > 150, changed


def test_left_and_right_exchanged_is_false(captioned):
    exchange = {"left": "right", "right": "left"}
    mutants = 0
    for scene, caption in captioned:
        if exchange.keys() & set(caption):
            mutant = [exchange.get(word, word) for word in caption]
            assert [c.kind for c in judge(mutant, scene) if c.verdict == "false"] == ["relation"], mutant
            mutants += 1
    assert mutants > 20


def test_any_words_in_any_order_can_be_judged(captioned):
    rng = np.random.default_rng(2)
    words = sorted({word for _, caption in captioned for word in caption} | {"<unk>", "zebra", ""})
    kinds = set()
    for scene, _ in captioned:
        caption = [words[i] for i in rng.integers(len(words), size=rng.integers(0, 20))]
        found = judge(caption, scene)
        assert all(0 <= c.start < c.end <= len(caption) for c in found)
        assert all((c.kind == "unparsable") == (c.verdict == "unparsable") for c in found)
        kinds |= {c.kind for c in found}
    assert kinds == {"thing", "count", "colour", "size", "action", "relation", "setting", "unparsable"}


def test_shuffled_captions_can_be_judged(captioned):
    rng = np.random.default_rng(3)
    worse = 0
    for scene, caption in captioned[:1000]:
        found = judge([caption[i] for i in rng.permutation(len(caption))], scene)
        worse += any(c.verdict != "true" for c in found)
    assert worse > 900
