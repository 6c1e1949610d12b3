"""The words of the captions and what they mean: the generator chooses among them, the truth reader looks them up.

Numbers are weights: how often a word is chosen among those that mean the same.
"""

from typing import TypeAlias

from mrnn_np.scenes.grammar import weights

Weights: TypeAlias = dict[str, float]

# What one is called, and what several are called. "small dog" and "boat sail" are for small dogs and sailing boats
# alone.
NOUNS: dict[str, tuple[Weights, Weights]] = {
    "man": (weights("man 7, guy 1.5, person 1.5"), weights("men 7, people 3")),
    "woman": (weights("woman 7, lady 2, person 1"), weights("women 7, people 3")),
    "boy": (weights("boy 7, child 1.5, kid 1.5"), weights("boys 5, children 3, kids 2")),
    "girl": (weights("girl 7, child 1.5, kid 1.5"), weights("girls 5, children 3, kids 2")),
    "person": (weights("person 1"), weights("people 1")),  # one of whom nobody sees more than that
    "child": (weights("child 1, kid 1"), weights("children 3, kids 2")),
    "dog": (weights("dog 1"), weights("dogs 1")),
    "small dog": (weights("dog 6, puppy 4"), {}),
    "cat": (weights("cat 1"), weights("cats 1")),
    "small cat": (weights("cat 5, kitten 5"), {}),
    "horse": (weights("horse 1"), weights("horses 1")),
    "cow": (weights("cow 1"), weights("cows 1")),
    "sheep": (weights("sheep 1"), weights("sheep 1")),
    "bird": (weights("bird 1"), weights("birds 1")),
    "duck": (weights("duck 1"), weights("ducks 1")),
    "dolphin": (weights("dolphin 1"), weights("dolphins 1")),
    "car": (weights("car 1"), weights("cars 1")),
    "bus": (weights("bus 1"), weights("buses 1")),
    "truck": (weights("truck 1"), weights("trucks 1")),
    "plane": (weights("plane 6, airplane 4"), weights("planes 6, airplanes 4")),
    "boat": (weights("boat 1"), weights("boats 1")),
    "boat sail": (weights("boat 6, sailboat 4"), weights("boats 6, sailboats 4")),
    "ball": (weights("ball 1"), weights("balls 1")),
    "balloon": (weights("balloon 1"), weights("balloons 1")),
    "kite": (weights("kite 1"), weights("kites 1")),
    "tree": (weights("tree 1"), weights("trees 1")),
    "house": (weights("house 1"), weights("houses 1")),
    "bench": (weights("bench 1"), weights("benches 1")),
    "fence": (weights("fence 1"), weights("fences 1")),
    "umbrella": (weights("umbrella 1"), weights("umbrellas 1")),
    "snowman": (weights("snowman 1"), weights("snowmen 1")),
    "bike": (weights("bike 6, bicycle 4"), weights("bikes 6, bicycles 4")),
}

# One does, several do, doing.  "bird fly" is for birds alone.
VERBS: dict[str, Weights] = {
    "run": weights("runs|run|running 6, races|race|racing 4"),
    "horse run": weights("runs|run|running 5, gallops|gallop|galloping 5"),
    "walk": weights("walks|walk|walking 7, strolls|stroll|strolling 3"),
    "stand": weights("stands|stand|standing 8, waits|wait|waiting 2"),
    "house stand": weights("stands|stand|standing 1"),
    "tree stand": weights("stands|stand|standing 1"),
    "snowman stand": weights("stands|stand|standing 1"),
    "sit": weights("sits|sit|sitting 7, rests|rest|resting 3"),
    "sleep": weights("sleeps|sleep|sleeping 4, lies|lie|lying 3, rests|rest|resting 3"),
    "jump": weights("jumps|jump|jumping 6, leaps|leap|leaping 4"),
    "graze": weights("grazes|graze|grazing 5, eats grass|eat grass|eating grass 5"),
    "bird fly": weights("flies|fly|flying 6, soars|soar|soaring 4"),
    "plane fly": weights("flies|fly|flying 1"),
    "kite fly": weights("flies|fly|flying 1"),
    "balloon fly": weights("flies|fly|flying 1"),
    "sail": weights("sails|sail|sailing 6, floats|float|floating 4"),
    "drive": weights("drives|drive|driving 6, moves|move|moving 4"),
    "park": weights("is parked|are parked|parked 7, waits|wait|waiting 3"),
    "swim": weights("swims|swim|swimming 1"),
    "duck swim": weights("swims|swim|swimming 6, floats|float|floating 4"),
    "surf": weights("surfs|surf|surfing 1"),
    "hold": weights("holds|hold|holding 6, carries|carry|carrying 4"),
    "throw": weights("throws|throw|throwing 8, plays with|play with|playing with 2"),
    "kick": weights("kicks|kick|kicking 7, plays with|play with|playing with 3"),
    "fly": weights("flies|fly|flying 7, plays with|play with|playing with 3"),
    "ride": weights("rides|ride|riding 1"),
    "lead": weights("walks|walk|walking 5, walks with|walk with|walking with 5"),
    "chase": weights("chases|chase|chasing 5, runs after|run after|running after 5"),
    "row": weights("rows|row|rowing 6, sits in|sit in|sitting in 4"),
    "over": weights("jumps over|jump over|jumping over 6, leaps over|leap over|leaping over 4"),
    "on": weights("sits on|sit on|sitting on 7, rests on|rest on|resting on 3"),
}
MANNERS: dict[str, Weights] = {
    "run": weights("quickly 1"),
    "walk": weights("slowly 1"),
    "sleep": weights("quietly 1"),
    "sit": weights("quietly 1"),
    "stand": weights("quietly 1"),
    "fly": weights("high 1"),
    "jump": weights("high 1"),
    "sail": weights("slowly 1"),
}

GARMENTS = {
    "man": (weights("shirt 6, jacket 4"), weights("shirts 1")),
    "boy": (weights("shirt 6, jacket 4"), weights("shirts 1")),
    "woman": (weights("dress 1"), weights("dresses 1")),
    "girl": (weights("dress 1"), weights("dresses 1")),
}

# Where, for what stays in its place, moves along, or flies.
PLACES: dict[tuple[str, str], Weights] = {
    ("field", "stay"): weights(
        "in a field 5, in the field 3, in a green field 2, in a grassy field 2, on the grass 4, "
        "in a meadow 3, in the meadow 2"
    ),
    ("field", "move"): weights(
        "across a field 4, across the field 3, through a green field 2, across the grass 3, through the grass 3, "
        "through a meadow 3, in the meadow 2"
    ),
    ("field", "fly"): weights(
        "over a field 3, over a green field 3, above the grass 2, above a meadow 3, in the sky 3"
    ),
    ("park", "stay"): weights("in the park 5, in a park 5, on the grass 3, on the green grass 2, at the park 3"),
    ("park", "move"): weights(
        "in the park 3, through the park 4, through a park 3, through a green park 2, along a path 3, along the path 2"
    ),
    ("park", "fly"): weights("over the park 4, over a park 3, above the grass 2, in the sky 3"),
    ("beach", "stay"): weights(
        "on the beach 4, on a beach 3, on a sandy beach 3, on the sand 3, at the beach 2, by the sea 2"
    ),
    ("beach", "move"): weights(
        "on the beach 4, along the beach 4, along a sandy beach 2, across the sand 3, along the shore 3, by the sea 2"
    ),
    ("beach", "fly"): weights("over the beach 4, over a beach 3, above the sand 3, over the shore 2, in the sky 3"),
    ("street", "stay"): weights(
        "on the street 4, on a street 3, in the street 2, in the city 3, on a city street 3, on the road 3, "
        "by the road 2"
    ),
    ("street", "move"): weights(
        "down the street 4, along the street 3, along the road 3, down the road 3, down a city street 3, "
        "through the city 3"
    ),
    ("street", "fly"): weights("over the street 3, over the city 3, above the road 3, in the sky 3"),
    ("forest", "stay"): weights("in the forest 5, in a forest 4, in the woods 4, in a green forest 2"),
    ("forest", "move"): weights("through the forest 5, through a forest 3, through the woods 4, in the forest 2"),
    ("forest", "fly"): weights("over the forest 4, over a forest 3, above the woods 3, in the sky 3"),
    ("snow", "stay"): weights(
        "in the snow 5, in the white snow 2, on the snow 2, in a snowy field 3, on the snowy ground 3"
    ),
    ("snow", "move"): weights(
        "in the snow 2, through the snow 4, through the white snow 2, across the snow 3, across a snowy field 3, "
        "across the snowy ground 2"
    ),
    ("snow", "fly"): weights("over the snow 3, over a snowy field 3, above the snowy ground 2, in the sky 3"),
    ("sea", "stay"): weights("in the sea 4, in the water 4, in the ocean 4"),
    ("sea", "move"): weights(
        "on the sea 3, on the water 3, across the water 3, across the sea 3, on the ocean 3, "
        "across the ocean 3, at sea 2"
    ),
    ("sea", "fly"): weights("over the sea 4, over the water 4, above the ocean 4, above the sea 2, in the sky 3"),
}
LIT_PLACES = {
    "field": "in a {} field",
    "park": "in a {} park",
    "beach": "on a {} beach",
    "street": "on a {} street",
}

# When, and under what sky.
TIMES: dict[tuple[str, str], Weights] = {
    ("day", "sun"): weights("in the sun 6, on a sunny day 3, in the sunshine 3, under the sun 2, as the sun shines 1"),
    ("day", "clouds"): weights("under the clouds 4, on a cloudy day 4, under a cloudy sky 3, under white clouds 3"),
    ("day", "rain"): weights("in the rain 10, on a rainy day 4, as the rain falls 2"),
    ("day", "clear"): weights("under a clear sky 3, under a blue sky 4, on a clear day 4, during the day 2"),
    ("sunset", "sun"): weights("at sunset 7, at dusk 4, in the evening 3, as the sun sets 2"),
    ("night", "moon"): weights("under the moon 5, in the moonlight 4, at night 4, in the dark 1, as the moon shines 1"),
    ("night", "stars"): weights(
        "under the stars 6, at night 4, in the dark 2, on a starry night 2, under a starry sky 1"
    ),
}

NEXT_TO = weights("next to 3, beside 3, near 3, by 2, close to 2")
ABOVE = weights("above 6, overhead 4")
THERE_IS = {"one": weights("there is 6, here is 2, we see 2"), "several": weights("there are 6, here are 2, we see 2")}


def noun(kind: str, size: str, action: str) -> str:
    """Return the key in NOUNS of what a thing is called."""
    return next((key for key in (f"{size} {kind}", f"{kind} {action}") if key in NOUNS), kind)


def verb(kind: str, action: str) -> str:
    """Return the key in VERBS of what a kind of thing does."""
    return f"{kind} {action}" if f"{kind} {action}" in VERBS else action
