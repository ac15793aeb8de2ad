"""Small kernels with a name, and small pictures to convolve by hand."""

from __future__ import annotations

import numpy as np

from apps.lessons.cnn.inputs import SMALL, Inputs

KERNELS = {
    "vertical": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],  # Sobel's
    "horizontal": [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
    "corner": [[-1, -1, 1], [-1, 2, 1], [1, 1, -1]],
    "blur": [[0.1, 0.1, 0.1], [0.1, 0.2, 0.1], [0.1, 0.1, 0.1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}
DRAWINGS = {
    "seven": "........ .111111. .111111. ....11.. ...11... ...11... ..11.... ..11....",
    "edge": "....1111 ....1111 ....1111 ....1111 ....1111 ....1111 ....1111 ....1111",
    "corner": "........ .111111. .111111. .11..... .11..... .11..... .11..... ........",
}


def small_picture(inputs: Inputs) -> tuple[np.ndarray, dict[str, str | None]]:
    """Return the picture (8, 8) of 0 and 1, a pressed pixel turned over, and the changed inputs."""
    drawn = inputs.small or DRAWINGS[inputs.picture].replace(" ", "").replace(".", "0")
    image = np.array([float(c) for c in drawn]).reshape(SMALL, SMALL)
    if inputs.toggle is None:
        return image, {}
    row, column = (v - inputs.padding for v in inputs.toggle)
    if 0 <= row < SMALL and 0 <= column < SMALL:
        image[row, column] = 1 - image[row, column]
    bits = "".join("1" if v else "0" for v in image.ravel())
    return image, {"toggle": None, "small": bits}


def kernel_of(inputs: Inputs) -> np.ndarray:
    """Return the kernel (3, 3): typed, else the chosen filter."""
    typed = inputs.kernel
    return np.array(KERNELS[inputs.filter] if typed is None else typed, dtype=float)
