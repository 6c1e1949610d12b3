"""What the texts of notebook 0 claim of its numbers, each part for the cell with the line that it names."""

# %% def caption(scene):
assert changes == [("black", "white"), ("beach", "shore")]

# %% "a horse": replace(scene, things=(man, replace(dog, kind="horse"))),
from mrnn_np.data.captions import load_captions

seen = {"two dogs": "two black dogs", "a woman": "a woman in purple", "snow": "snow"}
assert all(words in said[what] for what, words in seen.items()) and "dog" not in said["no dog"]
assert "black dog" in said["a horse"] and "horse" not in said["a horse"]
learnt_from = scene_descriptions("train").values()
led = {one.things[relation.object].kind for one in learnt_from for relation in one.relations if relation.name == "lead"}
data = load_captions("scenes")
read = [" ".join(caption) for name in data.splits["train"] for caption in data.captions[name]]
after_black = {text.split("walks with a black ")[1].split()[0] for text in read if "walks with a black " in text}
assert led == {"dog"} and after_black == {"dog", "puppy"}
assert len(learnt_from) == 4000 and sum(len(split) for split in data.splits.values()) == 5000

# %% def bets(scene, words):
assert chances["the black dog"][0] > 0.8 and chances["the white dog"][1] > 0.8
place = [captioner.vocabulary.id_of[word] for word in ("beach", "shore")]
assert all(bets(scene, "a man in orange walks with a black dog along the")[place] > 0.4), "two names of one place"

# %% green = replace(scene, things=(man, replace(dog, colour="green")))
assert "green" not in {thing.colour for one in learnt_from for thing in one.things if thing.kind == "dog"}
assert "green" not in caption(green) and "dog" not in caption(green)

# %% from tempfile import mkdtemp
assert warned == [False, True] and "yellow house" in said_of[0]
