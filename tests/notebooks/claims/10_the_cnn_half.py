"""What the texts of notebook 10 claim of its numbers, each part for the cell with the line that it names."""

# %% scenes = scene_descriptions("val")
assert pictures[0].size == 27648 and numbers.shape == (4, 374)

# %% upright = np.repeat(np.array([[-1, 0, 1]] * 3)[:, :, None], 3, axis=2)
assert y.shape == (1, 94, 94, 2) and y[0, :, :, 0].size == 8836 and K[0].size == 27

# %% tiny = np.array([[1, 0, 2, 1], [0, 1, 3, 0], [2, 1, 0, 1], [1, 0, 1, 2]])
assert (by_conv.ravel() == product).all() and product.tolist() == [-2, 0, -1, -1]

# %% five, ones = np.random.default_rng(0).normal(size=(1, 5, 5, 1)), np.ones((1, 3, 3, 1))
from mrnn_np.gradients.methods import relative_error

assert dx[0, 2, 2, 0] == 9 and dx[0, 0, 0, 0] == 1 and relative_error(dK, exact) < 1e-12

# %% network, shape = scene_cnn(len(cnn.attributes)), (96, 96, 3)
assert names[int(np.argmax(learnt))].startswith("hidden") and names[int(np.argmax(work))].startswith("conv3")
assert round(sum(learnt)) == 534 and round(sum(work)) == 50

# %% plots.filters(cnn.weights["conv1.K"])
assert cnn.weights["conv1.K"].shape == (24, 5, 5, 3)

# %% def plane(values):
assert told_by[0] < 0.3 and told_by[1] > 0.8

# %% def nearest(values):
assert shared["features"] > shared["pixels"] + 0.15

# %% data = load_captions("scenes")
assert bits < 1.35
