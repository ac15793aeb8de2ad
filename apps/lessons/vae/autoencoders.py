"""The lesson's trained nets: encode, decode, and the plane of a net's codes."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from apps.lessons.shared import nets, pictures
from apps.lessons.shared.pictures import SIDE
from apps.stage import board as b
from apps.stage.contract import Check, Fact
from core.measure.deltas import delta_of
from core.models.vae import check, latent

AE, PLAIN, LARGE = "ae-mnist", "vae2d-mnist", "vae-mnist"
BETAS = ("vae2d-b0.2-mnist", PLAIN, "vae2d-b4-mnist")
VAES = (*BETAS, LARGE)
NETS = (AE, *VAES)
NAMES = {AE: "AE", PLAIN: "VAE β = 1", LARGE: "VAE 20-D"} | {
    BETAS[0]: "VAE β = 0.2",
    BETAS[2]: "VAE β = 4",
}
# the colours of the classes, as the page draws points of a plane
HEX = "0072b2 d55e00 009e73 b5418f 8a6d00 2f9fd8 7a4fbf 7f3b08 5b6770 c2185b".split()
CLASSES = np.array([list(bytes.fromhex(c)) for c in HEX], np.uint8)  # (10, 3)
SINGLE = 1e-4  # tolerance of a net's pixels and codes: float32 against float64
CLOUD_SIDE, OPACITY = 720, 190  # pixels of a cloud's side; of its dots, out of 255


@dataclass(frozen=True)
class Grid:
    """A decoded grid of codes."""

    xs: np.ndarray  # (n,), rising
    ys: np.ndarray  # (n,), from the top, falling
    tiles: np.ndarray  # (n, n, 28, 28) in [0, 1]
    url: str  # the tiles as one PNG's data URL


def encode(name: str, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return μ and log σ² of pictures (B, 28, 28), each (B, latent) in float64."""
    mu, logvar = nets.model(name).encode(pictures.batch(images))
    return mu.numpy().astype(float), logvar.numpy().astype(float)


def encode_one(name: str, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return μ and log σ² of a picture (28, 28), each (latent,) in float64."""
    mu, logvar = encode(name, image[None])
    return mu[0], logvar[0]


def decode(name: str, z: np.ndarray) -> np.ndarray:
    """Return the pixel probabilities (B, 28, 28) of codes (B, latent)."""
    import torch

    return nets.model(name).decode(torch.as_tensor(z, dtype=torch.float32))[:, 0].numpy()


def decoded_check(shown: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Check:
    """Return the check of pictures that nets decoded: net -> (codes (B, latent), (B, 28, 28))."""
    found = [check.picture_delta(nets.model(name), *pair) for name, pair in shown.items()]
    return b.delta_check(delta_of((one["delta"] for one in found), found[0]["against"]), SINGLE)


def encoded_check(shown: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Check:
    """Return the check of codes that nets gave: net -> (pictures (B, 28, 28), μ (B, latent))."""
    found = [check.code_delta(nets.model(name), *pair) for name, pair in shown.items()]
    return b.delta_check(delta_of((one["delta"] for one in found), found[0]["against"]), SINGLE)


def noise(seed: int, *shape: int) -> np.ndarray:
    """Return standard normal numbers of a scene's seed."""
    return np.random.default_rng(seed).standard_normal(shape)


# ---- the plane of codes


@lru_cache(maxsize=8)
def codes(name: str) -> np.ndarray:
    """Return μ of the 100 digits, (100, latent)."""
    return encode(name, pictures.digits()[0])[0]


def points(name: str) -> list[list[float]]:
    """Return the 100 digits as points of a plane with their class."""
    return [[*mu, int(c)] for mu, c in zip(codes(name).tolist(), pictures.digits()[1])]


@lru_cache(maxsize=24)
def grid(name: str, kind: str, n: int) -> Grid:
    """Decode a grid of n by n codes, of a kind in core.models.vae.latent.GRIDS."""
    net = nets.model(name)
    (cx, cy), (sx, sy) = net.center.tolist(), net.scale.tolist()
    xs, ys = latent.nodes(kind, n, cx, sx), latent.nodes(kind, n, cy, sy)[::-1]
    tiles = decode(name, latent.mesh(xs, ys)).reshape(n, n, SIDE, SIDE)
    return Grid(xs, ys, tiles, tiles_url(tiles))


def tiles_url(tiles: np.ndarray) -> str:
    """Return tiles (n, n, 28, 28) in [0, 1] as one grey PNG's data URL."""
    levels = np.round(tiles * 255).reshape(-1, SIDE, SIDE)
    return png_url(pictures.sheet(levels, len(tiles)).astype(np.uint8))


def code_plane(label: b.Label, name: str, kind: str, n: int, **options: Any) -> b.Widget:
    """Return a net's plane of codes over its decoded grid.

    Args:
        label: what stands over it.
        name: the net.
        kind: of the grid.
        n: its tiles a side.
        options: see apps.stage.board.plane; with `points` the whole test set lies behind them.
    """
    there = grid(name, kind, n)
    inner = [p for p in options.pop("points", ()) if inside(there, np.array([p[:2]]))[0]]
    dots = cloud(name, kind, n) if inner else ""
    return b.plane(
        label,
        options.pop("sprite", there.url),
        there.xs,
        there.ys,
        cloud=dots,
        points=inner,
        **options,
    )


def inside(there: Grid, z: np.ndarray) -> np.ndarray:
    """Return which of the codes (N, 2) lie between a grid's outermost nodes, (N,)."""
    (low, high), (bottom, top) = there.xs[[0, -1]], there.ys[[-1, 0]]
    x, y = z.T
    return (low <= x) & (x <= high) & (bottom <= y) & (y <= top)


@lru_cache(maxsize=8)
def all_codes(name: str) -> np.ndarray:
    """Return μ of the whole test set, (10 000, 2) in float64."""
    from core.data.latent_codes import read_codes

    return read_codes(name)[0].numpy().astype(float)


def outside_fact(name: str, kind: str, n: int) -> Fact:
    """Return the share of the test set's codes that lie beyond a grid, as a fact."""
    beyond = 1 - inside(grid(name, kind, n), all_codes(name)).mean()
    return b.fact(b.word("outside", net=NAMES[name]), f"{100 * beyond:.1f} %")


@lru_cache(maxsize=24)
def cloud(name: str, kind: str, n: int) -> str:
    """Return the whole test set's codes, a dot each in its class's colour, over a decoded grid."""
    from core.data.latent_codes import read_codes

    labels, there = read_codes(name)[1].numpy(), grid(name, kind, n)
    return dots_url(all_codes(name), CLASSES[labels], there.xs, there.ys)


def dots_url(mu: np.ndarray, colours: np.ndarray, xs: np.ndarray, ys: np.ndarray) -> str:
    """Return codes as dots over a decoded grid, a transparent PNG's data URL.

    Args:
        mu: (N, 2); those beyond the grid's nodes are left out.
        colours: (N, 3) of 0 to 255.
        xs: first coordinate of the columns' nodes, rising.
        ys: second coordinate of the rows' nodes, falling.
    """
    side = CLOUD_SIDE
    column = np.interp(mu[:, 0], xs, np.arange(len(xs)), -1, -1)
    row = np.interp(-mu[:, 1], -ys, np.arange(len(ys)), -1, -1)
    inside = (column >= 0) & (row >= 0)
    x = ((column[inside] + 0.5) / len(xs) * side).astype(int)
    y = ((row[inside] + 0.5) / len(ys) * side).astype(int)
    picture = np.zeros((side, side, 4), np.uint8)
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        at = np.minimum(y + i, side - 1), np.minimum(x + j, side - 1)
        picture[(*at, slice(3))], picture[(*at, 3)] = colours[inside], OPACITY
    return png_url(picture)


def png_url(pixels: np.ndarray) -> str:
    """Return a uint8 picture (H, W), or (H, W, 4) with opacity, as the data URL of a PNG."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "png", compress_level=6)
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
