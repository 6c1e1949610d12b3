"""How often what is drawn: settings, skies, numbers, and what people and animals do where.

Chosen so that every kind, colour, action and relation is met often enough to be learnt from 4,000 scenes.
"""

from mrnn_np.scenes.grammar import weights
from mrnn_np.scenes.world import PEOPLE

SETTINGS = weights("field 15, park 15, beach 16, street 17, forest 12, snow 13, sea 12")
TIMES = weights("day 60, sunset 14, night 26")
SKIES = {
    "day": weights("sun 30, clouds 25, clear 25, rain 20"),
    "sunset": weights("sun 1"),
    "night": weights("moon 55, stars 45"),
}
ONE = {"1": 1.0}
UP_TO_TWO = weights("1 55, 2 45")
UP_TO_FOUR = weights("1 34, 2 26, 3 22, 4 18")
SIZES = {"small": 1.0, "big": 1.0, "": 1.0}
SIZED = ("dog", "cat", "horse", "boat", "house", "ball", "kite", "tree")
PERSON = dict.fromkeys(PEOPLE, 1.0)

PLOTS = {
    "field": weights(
        "animals 33, people 8, shade 5, behind 5, hurdle 5, perch 3, ball 7, kite 9, rider 8, leash 3, pair 7, "
        "chase 6, flyers 4"
    ),
    "park": weights(
        "animals 14, people 12, shade 5, behind 4, hurdle 2, bench 8, ball 14, kite 6, cyclist 11, leash 6, pair 9, "
        "chase 6, flyers 3"
    ),
    "beach": weights("animals 14, people 18, shade 9, ball 15, kite 14, rider 7, leash 5, pair 12, flyers 6"),
    "street": weights(
        "traffic 42, people 12, behind 6, bench 5, cyclist 14, leash 5, animals 6, pair 5, ball 3, flyers 2"
    ),
    "forest": weights(
        "animals 28, people 16, shade 6, behind 4, ball 6, rider 11, cyclist 8, leash 6, pair 9, chase 6"
    ),
    "snow": weights(
        "animals 22, people 18, behind 5, hurdle 4, perch 2, still life 16, rider 6, leash 6, pair 10, chase 7, "
        "flyers 4"
    ),
    "sea": weights("boats 32, rowers 14, swimmers 13, surfers 10, ducks 8, dolphins 12, flyers 11"),
}
ANIMALS = {
    "field": weights("dog 3, cat 1, horse 4, cow 4, sheep 4, bird 1"),
    "park": weights("dog 4, cat 4, bird 2, duck 3"),
    "beach": weights("dog 5, horse 2, bird 2, duck 2"),
    "street": weights("dog 4, cat 5"),
    "forest": weights("dog 4, cat 2, horse 4, bird 1"),
    "snow": weights("dog 4, cat 3, horse 3, sheep 2"),
}
ACTIONS = {
    "dog": weights("run 30, jump 18, sit 20, sleep 14, stand 18"),
    "cat": weights("run 13, jump 12, sit 35, sleep 25, stand 15"),
    "horse": weights("run 55, stand 45"),
    "cow": weights("stand 1"),
    "sheep": weights("stand 1"),
    "bird": weights("stand 1"),
    "duck": weights("stand 1"),
    "people": weights("walk 25, run 25, stand 20, sit 15, jump 15"),
    "horse in a field": weights("run 30, stand 15, graze 55"),
    "cow in a field": weights("stand 30, graze 70"),
    "sheep in a field": weights("stand 30, graze 70"),
}
LANDMARKS = {
    "field": weights("side tree 5, side house 2, front house 3, front fence 2"),
    "park": weights("side tree 3, side bench 4, front fence 1"),
    "beach": weights("side umbrella 4, side boat 2, side tree 2"),
    "street": weights("side house 3, front house 4, side car 3, front bus 2, front truck 2"),
    "forest": weights("side tree 4, side house 2, front house 3, front fence 2"),
    "snow": weights("side tree 3, side house 2, front house 3, side snowman 6"),
}
SHADY = {"field": "tree", "park": "tree", "beach": "umbrella", "forest": "tree"}
SHELTERED = weights("dog 3, cat 3, man 1, woman 1, boy 1, girl 1")
UNDER = weights("sit 3, sleep 3, stand 2")
SCREENS = {
    "field": weights("fence 1"),
    "park": weights("fence 1, bench 1"),
    "street": weights("car 2, bench 1"),
    "forest": weights("fence 1"),
    "snow": weights("fence 1"),
}
SCREENED = PERSON | weights("horse 2, dog 2")
PAIRS = {
    "man woman": weights("walk 3, run 1, stand 2, sit 1"),
    "woman girl": weights("walk 3, run 1, stand 1, sit 1, jump 1"),
    "boy girl": weights("walk 1, run 2, stand 1, sit 1, jump 3"),
    "man dog": weights("run 2, sit 1, stand 1"),
    "boy dog": weights("run 2, sit 1, jump 2"),
    "woman dog": weights("run 2, sit 1, stand 1"),
    "girl cat": weights("sit 2, stand 1"),
    "dog cat": weights("sit 2, sleep 2"),
}
CHASES = weights("dog cat 4, dog ball 5, boy dog 2, girl dog 2")
DEEDS_WITH_BALL = weights("throw ball 4, kick ball 4, hold ball 2, hold balloon 3")
PERCHED = weights("bird 3, cat 2")
HURDLERS = weights("horse 4, dog 3, boy 2, girl 2")
SEATED = PERSON | weights("cat 1, dog 1")
VEHICLES = weights("car 5, bus 3, truck 4")
BY_THE_ROAD = {
    "car": weights("side bus 2, side tree 3, front house 4"),
    "bus": weights("side car 2, side tree 3, front house 4"),
    "truck": weights("side car 2, side tree 3, front house 4"),
}
STILL = weights("house 4, tree 3, snowman 4")
STILL_BY = {
    "house": weights("side tree 1"),
    "tree": weights("side house 1"),
    "snowman": weights("side tree 1, front house 1"),
}
DOLPHINS = weights("jump 65, swim 35")
FLYERS = weights("bird 55, plane 45")
BY_A_BOAT = weights("side boat 1")
AT_REST = {"car": "park", "bus": "park", "truck": "park", "boat": "sail"}
