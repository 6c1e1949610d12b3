"""The exercises of notebook 10, the CNN half."""

from collections.abc import Callable

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, near, numbers, run
from mrnn_np.vision.conv2d import conv2d_backward, conv2d_forward
from mrnn_np.vision.windows import all_windows
from mrnn_np.vision.windows import output_size as true_size


@exercise
def output_size(size_of: Callable[[int, int, int, int], int]) -> str:
    """How many windows fit along a side: from the side, the kernel, the stride and the padding to a whole number."""
    for size, kernel, stride, padding in (
        (5, 3, 1, 0),
        (5, 3, 2, 0),
        (96, 5, 2, 2),
        (48, 3, 2, 1),
        (7, 7, 1, 0),
        (8, 3, 2, 0),
        (10, 3, 3, 0),
    ):
        got, expected = run(size_of, size, kernel, stride, padding), true_size(size, kernel, stride, padding)
        what = f"for {size} pixels, a kernel of {kernel}, stride {stride} and padding {padding}"
        if near(got, got) and np.ndim(got) == 0 and float(got) % 1:
            raise Refused(f"{what} it is {got}, which is no int; round down with //")
        if near(got, got) and np.ndim(got) == 0 and got != expected:
            raise Refused(f"{what} it is {got:g}, too {'many' if got > expected else 'few'}")
        expect_number(got, expected, what)
    return "the last window has to end where the padded picture does, or before"


@exercise
def windows_as_rows(rows_of: Callable[[Array, int], Array]) -> str:
    """From a picture (H, W, C) and k to the matrix ((H - k + 1) (W - k + 1), k k C) whose rows are its windows."""
    k, x = 3, np.random.default_rng(10).normal(size=(5, 6, 2))
    expected = all_windows(x[None], k, 1)[0]
    got = numbers(run(rows_of, x, k), "the matrix")
    wanted = expected.reshape(-1, k * k * x.shape[2])
    if got.shape == wanted.shape:
        if np.array_equal(got, expected.transpose(0, 1, 4, 2, 3).reshape(wanted.shape)):
            raise Refused("within a row the channels come first; x[i, j] keeps them last, and so does the kernel")
        if np.array_equal(got, expected.transpose(0, 1, 3, 2, 4).reshape(wanted.shape)):
            raise Refused(
                "within a window its columns come first; x[i, j] keeps the rows first, and so does the kernel"
            )
        if np.array_equal(got, expected.transpose(1, 0, 2, 3, 4).reshape(wanted.shape)):
            raise Refused("the windows run down the columns; the output is read row by row")
    expect_array(got, wanted, "the matrix (a row for each window, from left to right, then down)")
    return "row by row, the same numbers several times: a convolution is this matrix times the kernels"


@exercise
def kernel_gradient(gradient: Callable[[Array, Array], Array]) -> str:
    """From dy (H', W', O) and the windows (H' W', k k C) to dK, (O, k k C)."""
    rng = np.random.default_rng(11)
    x, K, dy = rng.normal(size=(1, 6, 5, 2)), rng.normal(size=(4, 3, 3, 2)), rng.normal(size=(1, 4, 3, 4))
    windows = all_windows(x, 3, 1).reshape(-1, 18)
    _, cache = conv2d_forward(x, K, np.zeros(4))
    expected = conv2d_backward(dy, cache)[1].reshape(4, -1)
    got = run(gradient, dy[0], windows)
    if near(got, expected / len(windows)):
        raise Refused("this is the mean over the windows; each window adds its share to the cost")
    if near(got, dy[0].transpose(1, 0, 2).reshape(len(windows), -1).T @ windows):
        raise Refused("the rows of dy run down the columns; the windows run row by row")
    expect_array(got, expected, "dK")
    return "one set of kernels, used at every window, and so one sum over all windows"
