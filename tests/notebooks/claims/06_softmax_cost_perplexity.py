"""What the texts of notebook 6 claim of its numbers, each part for the cell with the line that it names."""

# %% few = ["dog", "cat", "horse", "boat", "<end>"]
assert abs(y.sum() - 1) < 1e-12 and abs(y[0] / y[1] - np.e) < 1e-12 and y[1] == y[2]

# %% def naive(s):
assert np.allclose(naive(scores + 100), y)

# %% data = load_captions("scenes")
assert M == 265 and abs(first["all zero"] - M) < 1e-6 and abs(first["random scores, spread 0.1"] - M) < 0.02 * M
assert first["random scores, spread 3"] > 10 * M and 75 < first["b_y = log frequency"] < 85

# %% entropy = -(frequency * np.log2(frequency)).sum()
assert abs(2**entropy - 2 ** bits.mean()) < 4

# %% lengths, each = np.array([4, 16]), np.array([1.0, 3.0])
assert (over_words, over_sentences) == (2.6, 2.0)

# %% target = few.index("cat")
from mrnn_np.gradients.methods import complex_step, relative_error

assert relative_error(ds, complex_step(bits_of, scores)) < 1e-14 and abs(ds.sum()) < 1e-14
assert [k for k in range(5) if ds[k] < 0] == [target]

# %% sgd, before, zero = SGD(l2=1e-4), params.theta.astype(float), np.zeros_like(params.theta)
assert abs(shrunk - (1 - 2 * 1e-4 * 0.1)) < 1e-7

# %% floor = data.floor("val")
assert round(floor, 3) == 0.963
