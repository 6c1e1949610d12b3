"""What the texts of notebook 8 claim of its numbers, each part for the cell with the line that it names."""

# %% captioner = Captioner.load("scenes")
assert images.shape == (500, 374)

# %% def one_by_one(image, pick, most=30):
assert one_by_one(one_image, np.argmax) == list(written.words)

# %% some = images[:100]
assert len(better) > 30 and len(worse) < 5

# %% seen = watch(decoder, one_image, BeamSearch(width=5, length_norm=0))
assert seen.best == beam_search(decoder, one_image, BeamSearch(width=5, length_norm=0))[0][0]
after_dog = {word: 100 * probability for word, probability in hesitant[said.index("dog") + 1]}
assert said[9] == "along" and kept.keys() >= {tuple(said[:10])}
assert after_dog["along"] > after_dog["<end>"] + 5 and 1 < seen.best.log2_prob - written.log2_prob < 3

# %% widths = (1, 2, 5, 10, 20)
assert list(log2_prob.values()) == sorted(log2_prob.values())
assert 0.6 < words[1] - words[20] < 1.1 and words[1] < people and round(people, 1) == 11.1
assert abs(truth(found[1]).share_true - truth(found[20]).share_true) < 0.015

# %% normed = {
assert list(lengths.values()) == sorted(lengths.values()) and lengths["A = 2"] > people + 2
assert truth(normed[0.0]).false < truth(normed[2.0]).false
assert all(0.965 < truth(of_A).share_true < 0.98 for of_A in normed.values())

# %% rng = np.random.default_rng(0)
assert true[0] > true[3] > true[-1] and true[0] > 94 and true[-1] < 60 and different[0] < 50 < different[3]

# %% def captions_from(numbers):
assert all(false(every, name) for name in failures)
assert [bool(false(informed, name)) for name in failures] == [False] * 3 + [True] * 5
rows = [val.images.index(name) for name in failures]
assert [bool((by_cnn[i].round() == facts[i]).all()) for i in rows] == [False] * 3 + [True] * 5
wrong, still = (sum(false(captions, name) > 0 for name in val.images) for captions in (every, informed))
assert 0.35 < still / wrong < 0.65
assert said_after["walks"].most_common(1)[0][0] == "with"
assert set(said_after["walks with a white"]) == {"dog", "puppy"}
assert said_after["trucks are"]["parked"] > said_after["trucks are"].total() / 2

# %% consensus = Consensus.of(decoder, vocabulary, training, read_images, "cider", k=30, m=50)
assert ranked.best == text(after[0]).split() and ranked.order[0] != 0
assert "a red fence" in text(candidates[0][0]) and "a white fence" in text(after[0])
assert over_all["consensus"][0] > over_all["beam"][0] and sum("in front of" in one for one in said_there) >= 2
assert over_all["consensus"][1].share_true < over_all["beam"][1].share_true + 0.001
assert not any({"fence", "bird"} <= set(words) for words in ranked.sentences)

# %% going_on = {}
assert all(going_on[prefix].log2_prob < -30 for prefix in ("the sun", "a purple"))
told = {prefix: {"in the": "moonlight", "two": "two men"}.get(prefix, prefix) for prefix in going_on}
assert all(told[prefix] in text(best) for prefix, best in going_on.items())

# %% hesitant = likely_words(one_image, written.words)
assert [word for word, options in zip(said, hesitant, strict=False) if options[0][1] < 0.55] == [
    "along",
    "beach",
    "END",
]
assert hesitant[said.index("dog")][0][1] > 0.95
