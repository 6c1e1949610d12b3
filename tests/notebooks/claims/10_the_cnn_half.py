"""What the texts of notebook 10 claim of its numbers, each part for the cell with the line that it names."""

# %% scenes = scene_descriptions("val")
assert pictures[0].size == 27648 and numbers.shape == (4, 374)

# %% upright = np.repeat(np.array([[-1, 0, 1]] * 3)[:, :, None], 3, axis=2)
assert y.shape == (1, 94, 94, 2) and y[0, :, :, 0].size == 8836 and K[0].size == 27

# %% tiny = np.array([[1, 0, 2, 1], [0, 1, 3, 0], [2, 1, 0, 1], [1, 0, 1, 2]])
by_conv, _ = conv2d_forward(tiny[None, :, :, None].astype(float), kernel[None, :, :, None].astype(float), np.zeros(1))
assert (by_conv.ravel() == product).all() and product.tolist() == [-2, 0, -1, -1]

# %% def convolve(x, K, b):
assert np.allclose(convolve(x[0], K, np.ones(2)), y[0] + 1)

# %% def convolve_back(dy, x, K):
assert dx[2, 2, 0] == 9 and dx[0, 0, 0] == 1 and relative_error(dK, exact) < 1e-12
upwards = np.random.default_rng(2).normal(size=(1, 94, 94, 2))
for mine, packages in zip(
    convolve_back(upwards[0], x[0], K), conv2d_backward(upwards, conv2d_forward(x, K, np.zeros(2))[1])
):
    assert np.allclose(mine, packages.reshape(mine.shape))

# %% network, shape = scene_cnn(len(cnn.attributes)), (96, 96, 3)
assert names[int(np.argmax(learnt))].startswith("hidden") and names[int(np.argmax(work))].startswith("conv3")
assert round(sum(learnt)) == 534 and round(sum(work)) == 50

# %% plots.filters(cnn.weights["conv1.K"], columns=8)
kernels = cnn.weights["conv1.K"]
assert kernels.shape == (24, 5, 5, 3)
red, green, blue = kernels[:, 2, 2].T / abs(kernels).max(axis=(1, 2, 3))
assert green[19] > 0.9 and max(red[19], blue[19]) < 0, "19 asks for green"
assert all(red[i] > 0.5 and blue[i] < -0.5 for i in (7, 22)), "7 and 22 look for yellow and orange"
assert all(green[i] < -0.9 and blue[i] > 0.1 for i in (1, 5, 6, 9)), "these look for purple"
steps = [
    np.array([kernel.mean(axis=side).std(axis=0).mean() / abs(kernel).max() for kernel in kernels]) for side in (1, 0)
]
assert all(steps[0][i] > 0.25 > 0.15 > steps[1][i] for i in (4, 8, 13, 15, 17)), "they lie flat"
assert steps[1][11] > 0.4 > 0.1 > steps[0][11], "11 stands upright"
inside = kernels[:, 2, 2].mean(axis=1) - kernels.mean(axis=(1, 2, 3))
assert inside[12] > 0.5 * abs(kernels[12]).max() and inside[18] < -0.5 * abs(kernels[18]).max()

# %% def plane(values):
assert told_by[0] < 0.3 and told_by[1] > 0.8

# %% def nearest(values):
assert shared["features"] > shared["pixels"] + 0.15

# %% def strongest(depth, count=2):
assert all((values < 0.05).mean() > 0.8 for _, values in columns[3])

# %% captioner = Captioner.load("scenes")
assert "brown dog" in captioned[0][1] and "red ball" in captioned[0][1] and "house" not in captioned[2][1]
assert captioned[3][2] > min(log2_prob for _, _, log2_prob in captioned[:2])
assert not warned
assert "red house" in by_drawings
