"""Render the Hangul pictures that ship, from two faces of Debian's fonts-nanum.

    apt-get download fonts-nanum fonts-nanum-extra
    for f in fonts-nanum*.deb; do dpkg -x $f build/fonts; done
    pip install scikit-image
    python -m weights.recipes.hangul --fonts build/fonts

Writes weights/hangul-glyphs.safetensors and prints its sha256, which core.data.hangul states. Where
no --fonts is given the system's font folder is searched. The fonts are NAVER's, under the SIL Open
Font License 1.1, and so is the file. Nothing is drawn at random: the same fonts and versions of
Pillow and scikit-image give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import torch

from core.data.hangul import FACES, GLYPHS, LEVELS, SIDE, characters, pack
from core.weights import shipped
from core.weights.files import tensor_bytes

FINE = 4  # a picture is made so many times larger, then averaged
BODY = 52  # size of the type, in pixels of the picture
PEN = 3.3  # half the width of a drawn line, in fine pixels
VERSION = "fonts-nanum and fonts-nanum-extra 20200506-1"
FILES = {"myeongjo": "NanumMyeongjoBold.ttf", "round": "NanumSquareRoundEB.ttf"}
SPURS = {"myeongjo": 15, "round": 0}  # longest spur that is cut: a serif's, in fine pixels
LICENCE = "OFL-1.1"
SOURCE = f"Nanum Myeongjo Bold and NanumSquareRound ExtraBold (NAVER), Debian {VERSION}"
Mask = np.ndarray  # bool (H, W)


def find(folder: Path, name: str) -> Path:
    """Return a font's file in a folder, however deep; FileNotFoundError says how to get it."""
    for path in sorted(folder.rglob(name)):
        return path
    raise FileNotFoundError(f"{name} is not under {folder}: see weights/recipes/hangul.py")


def render(character: str, font) -> np.ndarray:
    """Return a character's ink, uint8 (256, 256), its body in the middle."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (SIDE * FINE, SIDE * FINE), 0)
    middle = (SIDE * FINE / 2, SIDE * FINE / 2)
    ImageDraw.Draw(image).text(middle, character, font=font, fill=255, anchor="mm")
    return np.asarray(image)


def shrink(ink: np.ndarray) -> np.ndarray:
    """Return the mean of each 4 x 4 pixels, 0 to 1: (256, 256) to (64, 64)."""
    return ink.reshape(SIDE, FINE, SIDE, FINE).mean((1, 3)) / 255


def cut_spurs(thin: Mask, longest: int) -> Mask:
    """Return a skeleton without its branches of at most `longest` pixels."""
    left = thin.copy()
    ends = [at for at in zip(*np.nonzero(thin)) if len(_beside(thin, at)) == 1]
    for end in ends:
        path = [end]
        while len(path) <= longest:
            ahead = [at for at in _beside(thin, path[-1]) if at not in path]
            if len(ahead) != 1:
                break
            path.append(ahead[0])
        if len(path) <= longest and len(_beside(thin, path[-1])) > 2:  # it ends at a fork
            for at in path[:-1]:
                left[at] = False
    return left


def _beside(thin: Mask, at: tuple[int, int]) -> list[tuple[int, int]]:
    y, x = at
    near = [(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    return [(a, b) for a, b in near if 0 <= a < len(thin) and 0 <= b < len(thin) and thin[a, b]]


def draw_lines(thin: Mask) -> np.ndarray:
    """Return a skeleton drawn by a round pen, (64, 64) from 0 to 1."""
    from scipy.ndimage import distance_transform_edt

    if not thin.any():
        return np.zeros((SIDE, SIDE))
    return shrink(255.0 * (np.asarray(distance_transform_edt(~thin)) <= PEN))


def pictures(font, spur: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return sources and targets of all characters in a face, uint8 (n, 64, 64) each."""
    from skimage.morphology import skeletonize

    sources, targets = [], []
    for character in characters():
        ink = render(character, font)
        thin = skeletonize(ink > 127)
        if spur:
            thin = skeletonize(cut_spurs(thin, spur))
        sources.append(draw_lines(thin))
        targets.append(shrink(ink))

    def levels(each: list[np.ndarray]) -> torch.Tensor:
        return torch.from_numpy(np.round(np.stack(each) * LEVELS).astype(np.uint8))

    return levels(sources), levels(targets)


def main(arguments: list[str] | None = None) -> None:
    """Render and write."""
    from PIL import ImageFont

    parser = argparse.ArgumentParser(prog="python -m weights.recipes.hangul")
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts"), help="folder")
    parser.add_argument("--out", type=Path, default=GLYPHS, help="file")
    chosen = parser.parse_args(arguments)
    packed = {}
    for face in FACES:
        font = ImageFont.truetype(str(find(chosen.fonts, FILES[face])), BODY * FINE)
        sources, targets = pictures(font, SPURS[face])
        packed |= {f"source-{face}": pack(sources), f"target-{face}": pack(targets)}
    about = {"source": SOURCE, "licence": LICENCE}
    data = tensor_bytes(packed, about)
    shipped.write(chosen.out, data)
    print(f"{chosen.out.name}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
