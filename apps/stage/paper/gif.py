"""Images of equal size -> one looping GIF with one palette, so that no colour flickers.

Half of the 256 colours are the most frequent ones, exact, which keeps paper, ink and tints as they
are; the other half spreads over all that occur, for the soft edges of letters and for heatmaps.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

EXACT = 128


def gif(shots: Sequence[Image.Image], pace_ms: int) -> bytes:
    """Return RGB images as a GIF that loops for ever; the last frame stays twice as long."""
    frames = index_colours(shots)
    out = io.BytesIO()
    times = [pace_ms] * (len(frames) - 1) + [2 * pace_ms]
    frames[0].save(
        out, "gif", save_all=True, append_images=frames[1:], loop=0, optimize=False, duration=times
    )
    return out.getvalue()


def centre(shots: Sequence[Image.Image]) -> list[Image.Image]:
    """Return images on sheets of one size, the largest, in the colour of their first corner."""
    width, height = max(s.width for s in shots), max(s.height for s in shots)
    sheets = []
    for shot in shots:
        sheet = Image.new("RGB", (width, height), shot.getpixel((0, 0)))
        sheet.paste(shot, ((width - shot.width) // 2, (height - shot.height) // 2))
        sheets.append(sheet)
    return sheets


def index_colours(shots: Sequence[Image.Image]) -> list[Image.Image]:
    """Return RGB images of one size with their common palette."""
    codes = [np.asarray(s).astype(np.int32) @ (1 << 16, 1 << 8, 1) for s in shots]  # (H, W) each
    used = np.zeros(1 << 24, dtype=bool)
    for code in codes:
        used[code] = True
    seen = np.flatnonzero(used)  # (n,) every colour that occurs
    palette = _palette(seen, np.concatenate([c[::2, ::2].ravel() for c in codes]))  # (k, 3)
    index = np.zeros(1 << 24, dtype=np.uint8)
    index[seen] = _nearest(_rgb(seen), palette)
    frames = [Image.fromarray(index[c]) for c in codes]
    for frame in frames:
        frame.putpalette(palette.ravel().tolist())
    return frames


def _palette(seen: np.ndarray, sample: np.ndarray) -> np.ndarray:
    values, counts = np.unique(sample, return_counts=True)
    frequent = values[np.argsort(-counts, kind="stable")[:EXACT]]
    spread = Image.fromarray(_rgb(seen)[None]).quantize(EXACT, method=Image.Quantize.MEDIANCUT)
    others = np.array(spread.getpalette(), dtype=np.uint8).reshape(-1, 3)
    return np.concatenate([_rgb(frequent), others[:EXACT]])


def _rgb(codes: np.ndarray) -> np.ndarray:
    return np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=-1).astype(np.uint8)


def _nearest(colours: np.ndarray, palette: np.ndarray) -> np.ndarray:
    a, b = colours.astype(np.float32), palette.astype(np.float32)
    return np.argmin((b * b).sum(axis=1) - 2 * a @ b.T, axis=1)  # |a - b|² less |a|²
