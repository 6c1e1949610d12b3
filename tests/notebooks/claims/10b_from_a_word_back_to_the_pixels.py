"""What the texts of notebook 10b claim of its numbers, each part for the cell with the line that it names."""

# %% captioner, image = Captioner.load("scenes"), "val-0008"
assert x.size == 27648 and I.shape == (1, 374)

# %% witness = Witness.of(captioner, scenes, images=1000, seed=0)
assert said[int(evidence.bits.argmax())] == "white" and evidence.bits[said.index("the")] < 0
assert abs(evidence.bits.sum() - ratio) < 1e-4
((by_100,),) = Witness.of(captioner, scenes, images=100, seed=0).evidence([[sentence]], I)
assert 8 < (by_100.bits - evidence.bits)[bench] < 13

# %% p = captioner.decoder.params
assert same

# %% tiny = np.random.default_rng(0).normal(size=(1, 4, 4, 1))
assert from_conv[0, 1, 1, 0] == 28 and relative_error(from_conv, witnessed) < 1e-8
assert from_mean[0, 0, 0, 0] == 1 and from_mean[0, 3, 3, 0] == 2

# %% network = cnn.design.network
assert len(values) == 12 and 0.1 < (values[6] > 0).mean() < 0.2
assert abs((dx * direction).sum() / moved - 1) < 1e-3

# %% to_map, from_map = split_at_map(network)
assert A.shape == (1, 6, 6, 128)
assert abs(last["bench"].sum() - dz @ (wide["hidden.W"] @ pooled)) < 1e-12

# %% blurred = np.asarray(square.filter(ImageFilter.GaussianBlur(12)), np.float32)
assert 8 <= enough[0] <= 32 and sums[1] < 0.1 * gained and gained > 10

# %% dogs_place = scenes.data_set.see(image, 0, 96)  # (96, 96), True on the first thing
for kind in ("integrated", "occlusion"):
    assert all(dogs_place[strongest(of_kind[kind][t], 96)] for t in (white, dog)), kind

# %% def nothing_learnt(rng):
assert abs(alike[0]) < 0.2 and 0.25 < alike[1] < 0.7

# %% pointed = [*play(captioner, thirty, ["last", "pixels", "sharpened"])]
assert hits["sharpened"] > 0.7 and hits["chance"] < 0.15

# %% of_a_cat = captioner.vocabulary.encode("a white cat sits on the bench".split())
assert 1 <= levels <= 4 and "dog" in captions[0].split()
