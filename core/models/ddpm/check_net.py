"""The diffusion's net computed a second time from its weights alone, in numpy and float64.

Nothing here is shared with core.models.ddpm.unet: a convolution is a sum of shifted products, group
norm and attention are written out. It is slow, and only there to be compared with.

    fold     c · f² channels, the f x f pixels of each channel in reading order
    block    x + conv(silu((1 + a) norm(conv(silu(norm x))) + b)),   (a, b) = W e + c
    middle   x + W softmax(q kᵀ / √d) v over all places
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Weights = Mapping[str, np.ndarray]  # name in the state -> array, float64
EPSILON, GROUPS, HEADS, WAVES = 1e-5, 8, 4, 16


def velocity(
    weights: Weights, fold: int, levels: int, depth: int, x: np.ndarray, phi: float, label: int
) -> np.ndarray:
    """Compute v̂ (B, 1, 28, 28) of x_t (B, 1, 28, 28).

    Args:
        weights: of the net, as its state names them.
        fold: f.
        levels: of the net.
        depth: blocks a level and way.
        x: x_t.
        phi: arccos √ᾱ_t.
        label: 0 to 9, or 10 for none.
    """
    e, skips = condition_vector(weights, phi, label), []
    h = convolve(fold_pixels(x, fold), weights, "stem")
    for i in range(levels):
        h = convolve(fold_pixels(h, 2), weights, f"shrink.{i - 1}") if i else h
        for j in range(depth):
            h = block(h, e, weights, f"down.{i}.{j}")
            skips.append(h)
    h = attend(h, weights, "middle")
    for i in range(levels):
        h = unfold_pixels(convolve(h, weights, f"grow.{i - 1}"), 2) if i else h
        for j in range(depth):
            h = block(np.concatenate([h, skips.pop()], 1), e, weights, f"up.{i}.{j}")
    return unfold_pixels(convolve(silu(group_norm(h, weights, "norm")), weights, "out"), fold)


def condition_vector(weights: Weights, phi: float, label: int) -> np.ndarray:
    """Compute e (E,), what the net is told of noise level and label."""
    turns = 2 * phi * np.arange(1, WAVES + 1)
    first = silu(affine(np.concatenate([np.sin(turns), np.cos(turns)]), weights, "told.first"))
    return silu(affine(first, weights, "told.second") + weights["told.classes.weight"][label])


def block(x: np.ndarray, e: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    """Compute a block of x (B, a, H, W), (B, b, H, W)."""
    h = convolve(silu(group_norm(x, weights, f"{name}.norm1")), weights, f"{name}.conv1")
    scale, shift = np.split(affine(e, weights, f"{name}.tell"), 2)
    h = group_norm(h, weights, f"{name}.norm2") * (1 + scale)[:, None, None] + shift[:, None, None]
    wider = f"{name}.skip.weight" in weights
    return convolve(silu(h), weights, f"{name}.conv2") + (
        convolve(x, weights, f"{name}.skip") if wider else x
    )


def attend(x: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    """Compute the attention over all places of x (B, C, H, W), with its skip."""
    B, C, H, W = x.shape
    asked = convolve(group_norm(x, weights, f"{name}.norm"), weights, f"{name}.ask")
    q, k, v = asked.reshape(B, 3, HEADS, C // HEADS, H * W).swapaxes(0, 1)  # (B, heads, d, HW)
    agree = np.einsum("bhdi,bhdj->bhij", q, k) / np.sqrt(C // HEADS)
    share = np.exp(agree - agree.max(-1, keepdims=True))
    share /= share.sum(-1, keepdims=True)
    found = np.einsum("bhij,bhdj->bhdi", share, v).reshape(B, C, H, W)
    return x + convolve(found, weights, f"{name}.say")


def convolve(x: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    """Compute a convolution that keeps the size: a product for each of its places, added up."""
    kernel, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    side = kernel.shape[-1]
    wide = np.pad(x, ((0, 0), (0, 0), *[(side // 2, side // 2)] * 2))
    rows, columns = x.shape[2:]
    total = np.zeros((len(x), len(kernel), rows, columns)) + bias[:, None, None]
    for i, j in np.ndindex(side, side):
        seen = wide[:, :, i : i + rows, j : j + columns]
        total += np.einsum("oc,bchw->bohw", kernel[:, :, i, j], seen, optimize=True)
    return total


def group_norm(x: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    """Compute group norm of x (B, C, H, W)."""
    groups = x.reshape(len(x), GROUPS, -1)
    spread = np.sqrt(groups.var(-1, keepdims=True) + EPSILON)
    even = ((groups - groups.mean(-1, keepdims=True)) / spread).reshape(x.shape)
    scale, shift = (weights[f"{name}.{part}"][:, None, None] for part in ("weight", "bias"))
    return even * scale + shift


def affine(x: np.ndarray, weights: Weights, name: str) -> np.ndarray:
    """Compute W x + b of a vector."""
    return weights[f"{name}.weight"] @ x + weights[f"{name}.bias"]


def silu(x: np.ndarray) -> np.ndarray:
    """Compute x / (1 + e⁻ˣ), as x (1 + tanh(x/2)) / 2: nothing overflows."""
    return x * (1 + np.tanh(x / 2)) / 2


def fold_pixels(x: np.ndarray, f: int) -> np.ndarray:
    """Return (B, C, H, W) with f x f pixels as channels, (B, C f², H/f, W/f)."""
    B, C, H, W = x.shape
    tiles = x.reshape(B, C, H // f, f, W // f, f).transpose(0, 1, 3, 5, 2, 4)
    return tiles.reshape(B, C * f * f, H // f, W // f)


def unfold_pixels(x: np.ndarray, f: int) -> np.ndarray:
    """Return (B, C f², H, W) with channels laid out as f x f pixels, (B, C, f H, f W)."""
    B, C, H, W = x.shape
    tiles = x.reshape(B, C // f**2, f, f, H, W).transpose(0, 1, 4, 2, 5, 3)
    return tiles.reshape(B, C // f**2, f * H, f * W)
