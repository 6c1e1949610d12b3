"""What the texts of notebook 2 claim of its numbers, each part for the cell with the line that it names."""

# %% U, V = np.array([[1.0, -1.0, 2.0]]), np.array([[1.0], [-1.0]])
assert [round(float(v), 3) for v in (r1[0], r2[0], y2[0], cost)] == [0.731, 0.614, 0.773, 0.371]

# %% ds = (y2 - a) / np.log(2)
assert (dU < 0).all() and abs(dz1 / dz2 - 2 * r1 * (1 - r1)) < 1e-12

# %% def cost_of(U):
assert np.allclose(tried, dU[0], rtol=1e-6)

# %% x = np.array([a, dog]) @ U[:, :2].T
assert np.allclose(r.ravel(), [*r1, *r2]) and np.allclose(dx.ravel(), [*dz1, *dz2]) and np.allclose(dU_r, dU[:, 2:])

# %% T, d = 21, 64
from mrnn_np.layers.activations import sigmoid_slope

assert sigmoid_slope(0.5) == 0.25 and left["sigmoid, U_r the identity"][-1] < 1e-12
assert left["ReLU, U_r the identity"][-1] > 0.5 and 1e-5 < left["ReLU, U_r random and orthogonal"][-1] < 0.05

# %% data, numpy = load_captions("scenes"), choose_backend("numpy")
assert validated["ReLU"] + 0.5 < validated["sigmoid"]

# %% ask = ["is", "are", "walks", "walk"]
assert one[0] > 20 * one[1] and several[1] > 20 * several[0]
