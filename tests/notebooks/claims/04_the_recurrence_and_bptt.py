"""What the texts of notebook 4 claim of its numbers, each part for the cell with the line that it names."""

# %% ids, de = np.array([3, 5, 4, 3, 6]), np.ones((5, 2))  # a dog and a cat; d_e = 2
from mrnn_np.layers.embedding import embedding_backward, embedding_forward

assert dE[:, 0].tolist() == [0, 0, 0, 2, 1, 1, 1, 0]
E = np.random.default_rng(0).normal(size=(8, 2))
e, looked_up = embedding_forward(ids, np.unique(ids), E)
assert (e == np.eye(8)[ids] @ E).all() and (embedding_backward(de, looked_up) == dE).all()

# %% U_r = np.array([[0.0, 1.0], [2.0, 0.0]])
assert r.tolist() == [[1, 0], [1, 3]]

# %% rng = np.random.default_rng(0)
assert [round(float(table[0, -1]), 2) for table in reach.values()] == [0.01, 1.0, 6.27]

# %% dw, dU_r = recurrent_backward(np.array([[0.0, 0.0], [1.0, 1.0]]), cache)
assert dw.tolist() == [[2, 0], [1, 1]] and dU_r.tolist() == [[1, 0], [1, 0]]

# %% batch = ragged_batch(np.random.default_rng(0), M=9, d_I=0)
assert all(share[j, t] < 1e-9 for j, t in enumerate(last)) and np.nanmax(share) > 50
