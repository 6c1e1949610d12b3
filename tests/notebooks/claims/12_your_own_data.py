"""What the texts of notebook 12 claim of its numbers, each part for the cell with the line that it names."""

# %% os.chdir(tempfile.mkdtemp())  # everything below is written there, and may be thrown away
assert sum(SIZES.values()) == 900

# %% def lists(name_twice, copies):
assert len(again) == 40

# %% extracted = command("extract --cnn scene small8k/photographs --out small8k/features.npz")
assert extracted == 0

# %% with_both = command("inspect --data flickr8k:small8k")
assert with_both == 2

# %% with_copies = command("inspect --data flickr8k:small8k")
assert with_copies == 1

# %% mended = command("inspect --data flickr8k:small8k")
assert mended == 0

# %% def train(name, **options):
assert slow[-1]["val_bits"] > good[-1]["val_bits"] + 0.3
assert (
    wide[-1]["val_bits"] > min(row["val_bits"] for row in wide) + 0.03
    and wide[-1]["train_bits"] < good[-1]["train_bits"]
)

# %% for least in (2, 60):
assert lines[1][0] < lines[0][0] and lines[1][1] > 0.05

# %% features, data = load_features("small8k/features.npz"), load_captions("flickr8k:small8k")
assert max(results, key=results.get) == "a person (caption 1)"
assert results["the model, beam 5"][1] > results["the model's sentence about another picture"][2]

# %% with_picture = bits_per_word(best.model, best.params, val_set, numpy)
assert without > with_picture + 1
