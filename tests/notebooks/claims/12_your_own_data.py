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
assert perplexities[60] < perplexities[2] and 0.09 < unknown[60] < 0.12

# %% captioner = Captioner.of(best)
assert max(results, key=results.get) == "a person (caption 1)"
assert results["the model, beam 5"][1] > results["the model's sentence about another picture"][2]

# %% with_picture, without = captioner.bits_per_word(val_set), captioner.bits_per_word(shuffled)
assert without > with_picture + 1
_, low, high = paired
widths = [results[name][2] - results[name][1] for name in ("the model, beam 5", "the model, greedy")]
assert low < 0 < high and high - low < 0.8 * min(widths)
