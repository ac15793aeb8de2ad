"""One convolution of one picture, number by number: numpy float64.

    cross-correlation   out_ij = Σ_ab K_ab X_(i s + a d, j s + b d),  X: the image, p zeros around
    size                ⌊(n + 2p − d (k − 1) − 1) / s⌋ + 1
    convolution         the same with K turned by half a circle: out_ij = Σ_ab K_ab X_(i−a, j−b)
    kernel's gradient   ∂L/∂K_ab = Σ_ij G_ij X_(i s + a d, j s + b d),  G = ∂L/∂out
    image's gradient    ∂L/∂X_uv = Σ G_ij K_ab,  over all (i s + a d, j s + b d) = (u, v)
    a kernel learns     L = ½ Σ (out − target)²,  G = out − target,  K ← K − η ∂L/∂K

What nets call a convolution is the cross-correlation. Source: Dumoulin & Visin 2016, arXiv
1603.07285 (sizes); LeCun et al. 1998 (gradients).
"""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np

from core.inputs import InputError, array, integer, number

LARGEST_IMAGE, LARGEST_KERNEL = 28, 7
MOST_STRIDE, MOST_PADDING, MOST_DILATION = 7, 14, 7
LARGEST_GRADIENT = 1e12  # an output may be that large


class Convolution(TypedDict):
    """A convolution of an image to h x w numbers by a kernel of k x l."""

    out: np.ndarray  # (h, w)
    shape: tuple[int, int]  # h, w, by the formula
    windows: np.ndarray  # (h, w, k, l), what lies under the kernel
    products: np.ndarray  # (h, w, k, l), windows times kernel
    padded: np.ndarray  # the image with zeros around


class KernelGradient(TypedDict):
    """The gradients of a loss by a convolution's kernel and image."""

    kernel: np.ndarray  # (k, l), ∂L/∂K
    products: np.ndarray  # (k, l, h, w), the parts that ∂L/∂K sums
    image: np.ndarray  # (H, W), ∂L/∂X without what fell on the zeros around
    bias: float  # ∂L/∂b = Σ G, of a number added to every output


class Lesson(TypedDict):
    """One step of a kernel that learns to give a target."""

    out: np.ndarray  # (h, w), before the step
    error: np.ndarray  # (h, w), G = out − target
    loss: float  # before the step
    gradient: np.ndarray  # (k, l), ∂L/∂K
    kernel: np.ndarray  # (k, l), after the step
    loss_after: float


def output_size(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Return how many outputs n pixels in a row have; 0 or less where the kernel does not fit."""
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def convolve(
    image: Any,
    kernel: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    flip: bool = False,
) -> Convolution:
    """Compute a cross-correlation, or with `flip` a convolution, every product on the way.

    Args:
        image: 1x1 to 28x28 numbers.
        kernel: 1x1 to 7x7 numbers.
        stride: 1 to 7.
        padding: zeros on each side, 0 to 14.
        dilation: 1 to 7.
        flip: turn the kernel by half a circle first.

    Raises:
        InputError: an input that is not that, or a kernel that does not fit in.
    """
    x, k, s, p, d = _inputs(image, kernel, stride, padding, dilation)
    shape, padded = _shape(x, k, s, p, d), np.pad(x, p)
    found = _windows(padded, k.shape, shape, s, d)
    products = found * (k[::-1, ::-1] if flip else k)
    return {
        "out": products.sum((2, 3)),
        "shape": shape,
        "windows": found,
        "products": products,
        "padded": padded,
    }


def gradients(
    image: Any, kernel: Any, grad: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1
) -> KernelGradient:
    """Compute the gradients of a loss by kernel and image of a cross-correlation.

    Args:
        image: as in `convolve`, like the rest.
        kernel: 1x1 to 7x7.
        grad: G = ∂L/∂out, of the output's shape.
        stride: 1 to 7.
        padding: 0 to 14.
        dilation: 1 to 7.

    Raises:
        InputError: as `convolve`, or `grad` has another shape.
    """
    x, k, s, p, d = _inputs(image, kernel, stride, padding, dilation)
    shape = _shape(x, k, s, p, d)
    g = array("grad", grad, shape, LARGEST_GRADIENT)
    padded = np.pad(x, p)
    products = _windows(padded, k.shape, shape, s, d).transpose(2, 3, 0, 1) * g  # (k, l, h, w)
    back = np.zeros_like(padded)
    for i, j in np.ndindex(*shape):
        height, width = ((n - 1) * d + 1 for n in k.shape)
        back[i * s : i * s + height : d, j * s : j * s + width : d] += g[i, j] * k
    inner = back[p : p + x.shape[0], p : p + x.shape[1]]
    return {
        "kernel": products.sum((2, 3)),
        "products": products,
        "image": inner,
        "bias": float(g.sum()),
    }


def learn(image: Any, kernel: Any, target: Any, rate: Any, **sizes: Any) -> Lesson:
    """Let a kernel take one step towards giving a target.

    Args:
        image: as in `convolve`.
        kernel: where it starts.
        target: what it should give, of the output's shape.
        rate: η, 0 to 100.
        **sizes: stride, padding, dilation.

    Raises:
        InputError: as `convolve`, or `target` has another shape.
    """
    eta, before = number("rate", rate, 0, 100), convolve(image, kernel, **sizes)
    error = before["out"] - array("target", target, before["shape"])
    gradient = gradients(image, kernel, error, **sizes)["kernel"]
    learned = np.asarray(kernel, dtype=float) - eta * gradient
    after = (before["windows"] * learned).sum((2, 3)) - (before["out"] - error)
    return {
        "out": before["out"],
        "error": error,
        "loss": float(0.5 * (error**2).sum()),
        "gradient": gradient,
        "kernel": learned,
        "loss_after": float(0.5 * (after**2).sum()),
    }


def _inputs(
    image: Any, kernel: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[np.ndarray, np.ndarray, int, int, int]:
    """Return the checked inputs of a convolution."""
    return (
        array("image", image, ((1, LARGEST_IMAGE), (1, LARGEST_IMAGE))),
        array("kernel", kernel, ((1, LARGEST_KERNEL), (1, LARGEST_KERNEL))),
        integer("stride", stride, 1, MOST_STRIDE),
        integer("padding", padding, 0, MOST_PADDING),
        integer("dilation", dilation, 1, MOST_DILATION),
    )


def _shape(x: np.ndarray, k: np.ndarray, s: int, p: int, d: int) -> tuple[int, int]:
    """Return the output's shape; refuse a kernel that does not fit into the padded image."""
    height, width = (output_size(n, m, s, p, d) for n, m in zip(x.shape, k.shape))
    if height < 1 or width < 1:
        wide, high = (max(d * (m - 1) + 1 - 2 * p, 1) for m in reversed(k.shape))
        allowed = f"at least {high} x {wide} for this kernel, padding and dilation"
        raise InputError(
            "shape", field="image", got=f"{x.shape[0]} x {x.shape[1]}", allowed=allowed
        )
    return height, width


def _windows(
    padded: np.ndarray, kernel: tuple[int, ...], shape: tuple[int, int], s: int, d: int
) -> np.ndarray:
    """Return what lies under the kernel at each output, (h, w, k, l)."""
    rows = np.arange(shape[0])[:, None] * s + np.arange(kernel[0]) * d  # (h, k)
    columns = np.arange(shape[1])[:, None] * s + np.arange(kernel[1]) * d  # (w, l)
    return padded[rows[:, None, :, None], columns[None, :, None, :]]
