"""What the texts of notebook 9 claim of its numbers, each part for the cell with the line that it names."""

# %% c, r, *counts = bleu_counts(a, [b]).tolist()
assert [counts[4:], counts[:4]] == [[6, 4, 2, 0], [7, 6, 5, 4]]

# %% BP = math.exp(1 - r / c)
assert np.allclose(by_hand, bleu([a], [[b]]), atol=1e-3) and round(BP, 2) == 0.75 and round(by_hand[0], 2) == 0.64

# %% training = [data.captions[name] for name in data.splits["train"]]
assert len(training) == 4000
assert sorted(weights, key=weights.get)[:2] == ["the", "in"] and max(weights, key=weights.get) == "run"

# %% h1, c1 = ({word: s.count(word) * idf((word,)) for word in s} for s in (a, b))
assert (
    abs(every_n[0] - dot / norms[0] / norms[1] * shorter) < 1e-12
    and abs(10 * np.mean(every_n) - cider_similarity(h, of_person)) < 1e-9
)

# %% captioner = Captioner.load("scenes")
assert not any(query in " ".join(caption) for captions in data.captions.values() for caption in captions)

# %% one = val.images.index("val-0229")
assert np.argmax(given[one]) != one

# %% prior = log2_mean(by_training_pictures)
assert np.argmax(ratio[one]) == one
assert given[five].argmax(axis=1).tolist() == [1, 1, 3, 3, 4] and ratio[five].argmax(axis=1).tolist() == [0, 1, 2, 3, 4]

# %% own = np.arange(len(given))
assert first["P(w|I) / P(w)"][1] > first["P(w|I)"][1] + 8 and first["P(w|I) / P(w)"][0] < first["P(w|I)"][0]
assert (
    rank["P(w|I) / P(w)"].mean() < rank["P(w|I)"].mean()
    and with_length["P(w|I)"] < -0.7 < -0.5 < with_length["P(w|I) / P(w)"]
)
assert (rough <= 1).mean() < first["P(w|I) / P(w)"][2] / 100 - 0.02

# %% shown = "val-0067"
assert list(false_ones.values()) == [2, 0, 0]
shares = [
    [score[machine] / score["the first, had it the colours right"] for machine in machines] for score in (bleus, ciders)
]
assert np.allclose([share[:2] for share in shares], [[9 / 10, 2 / 3], [2 / 3, 1 / 4]], atol=0.03)
