"""What the texts of notebook 5 claim of its numbers, each part for the cell with the line that it names."""

# %% vocabulary = Vocabulary.build(caption for name in data.splits["train"] for caption in data.captions[name])
assert len(names) == 144 and 6 < history[0] < 6.6 and bits < 1.3

# %% def silenced(symbol):
purple, stars = words.index("purple"), words.index("stars")
assert more["no picture"].argmax() == purple and more["no memory"].argmax() == stars
assert (
    costs["all three"][purple] < 1.5 < 7 < costs["no picture"][purple]
    and costs["no memory"][stars] > 9 > 1 > costs["all three"][stars]
)
assert all(more["no word"][words.index(word)] > 3 for word in ("in", "black"))

# %% "a, the": {"a", "an", "the"},
assert len(val.sentences) == 2500
assert worst["colours"] == worst["two to four"] == "no picture" and worst["is, are"] == worst["END"] == "no memory"
assert worst["in, on, of ..."] == "no word" and suffer["no picture"][0] < 1.5
assert cheaper == ["is, are", "END"]

# %% shuffled = bits_per_word(model, params, val.with_shuffled_images(np.random.default_rng(0)), numpy)
assert bits < 1.3 and 2 < without < 3 and shuffled > 5

# %% z = np.linspace(-3.5, 3.5, 1401)
assert abs(g2(1.0) - 1) < 1e-4 and 0.98 < most["g2"] < 1 and 0.65 < most["tanh"] < 0.67
