"""What the texts of notebook 1 claim of its numbers, each part for the cell with the line that it names."""

# %% data, scenes = load_captions("scenes"), scene_descriptions("train")
assert len(data.splits["train"]) == 4000

# %% print(tokenize("A tri-colored DOG isn't on the dogs' bed."))
assert tokenize("A tri-colored DOG isn't on the dogs' bed.") == "a tri colored dog isn't on the dogs bed".split()

# %% captions = [caption for name in data.splits["train"] for caption in data.captions[name]]
assert len(captions) == 20_000 and round(counts.sum(), -3) == 222_000 and len(vocabulary) == len(met) + 3
assert counts.min() > 5

# %% sentence = tokenize("A purple elephant jumps")
from mrnn_np.data.vocabulary import UNK

assert ids[2] == UNK

# %% five = [captions[i] for i in (10, 28, 32, 33, 12)]
assert [len(caption) + 1 for caption in five] == [7, 11, 9, 10, 9]

# %% print("sizes =", batch.sizes, " sum =", sum(batch.sizes))
assert sum(batch.sizes) == N == len(batch.ids)

# %% rng = np.random.default_rng(0)
assert 15 < waste["4 captions"] < 25 and 25 < waste["128 captions"] < 32

# %% print("order =", batch.order)
assert [vocabulary.decode(got) for got in back] == [" ".join(given) for given in five]
