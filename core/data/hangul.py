"""Read pairs of Hangul pictures: a thin drawing of a character's strokes, and its type.

    syllables   the 2350 of KS X 1001, in its order, and 62 Latin letters and digits
    target      a character in one of two faces, 64 x 64, the share of ink of each pixel
    source      the skeleton of that very picture, short spurs cut, drawn two pixels wide
    hand        source under a smooth field of small moves: no hand draws a skeleton exactly

A syllable is an initial, a vowel and perhaps a final: code = (initial · 21 + vowel) · 28 + final.
Held out are all syllables of `HELD_PAIRS`, combinations of initial and vowel that no training
syllable has, and so many others, drawn once, that 2000 are left to train on.

`weights.recipes.hangul` renders the pictures from fonts and writes the file, which ships.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from core.inputs import InputError, choice, describe, integer
from core.weights import shipped
from core.weights.card import FOLDER

SIDE = 64
GLYPHS = FOLDER / "hangul-glyphs.safetensors"
FACES = ("myeongjo", "round")
LEVELS = 15  # grey levels are stored in four bits
FIRST = 0xAC00  # code point of 가
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
HELD_PAIRS = ("그", "머", "보", "새", "워", "자", "쳐", "퓨", "혀", "깨")  # each with all finals
TRAINED = 2000
SIZES = (114, 256, 1000, 2000)  # training syllables of the study, each set within the next
SPLIT_SEED = 1443  # of the draw of what is held out: the year that Hangul was made
SWAY = 0.5  # how far a hand strays, in pixels: standard deviation of the field's knots
KNOTS = 6  # of the field, each way


@cache
def syllables() -> str:
    """Return the 2350 syllables of KS X 1001, in its order."""
    rows, columns = range(0xB0, 0xC9), range(0xA1, 0xFF)
    return bytes(code for row in rows for at in columns for code in (row, at)).decode("euc_kr")


def characters() -> str:
    """Return all characters that have pictures: syllables, then Latin letters and digits."""
    return syllables() + LETTERS


def jamo(syllable: str) -> tuple[int, int, int]:
    """Return a syllable's initial (0 to 18), vowel (0 to 20) and final (0 to 27; 0: none).

    Raises:
        InputError: it is no composed syllable.
    """
    code = ord(syllable) - FIRST if len(syllable) == 1 else -1
    if not 0 <= code < 19 * 21 * 28:
        raise InputError("choice", field="syllable", got=describe(syllable), allowed="가 … 힣")
    return code // 588, code // 28 % 21, code % 28


@cache
def held_out_syllables() -> str:
    """Return the syllables that no net was trained on, 350, in the order of KS X 1001."""
    apart = {jamo(pair)[:2] for pair in HELD_PAIRS}
    free = [s for s in syllables() if jamo(s)[:2] not in apart]
    shuffle = torch.randperm(len(free), generator=torch.Generator().manual_seed(SPLIT_SEED))
    trained = {free[i] for i in shuffle[:TRAINED].tolist()}
    return "".join(s for s in syllables() if s not in trained)


@cache
def training(n: int = TRAINED) -> str:
    """Return n syllables to train on, 1 to 2000; fewer are the first ones of more."""
    integer("n", n, 1, TRAINED)
    known = set(held_out_syllables())
    rest = [s for s in syllables() if s not in known]
    shuffle = torch.randperm(len(rest), generator=torch.Generator().manual_seed(SPLIT_SEED + 1))
    return "".join(rest[i] for i in shuffle[:n].tolist())


@dataclass(frozen=True)
class Glyphs:
    """All pictures, uint8 levels from 0, paper, to LEVELS, ink."""

    sources: Tensor  # (faces, characters, 64, 64)
    targets: Tensor  # (faces, characters, 64, 64)

    def pairs(self, which: str, face: str = FACES[0]) -> tuple[Tensor, Tensor]:
        """Return sources and targets of characters, float (n, 1, 64, 64) each, in [0, 1].

        Raises:
            InputError: a face or a character that has no picture.
        """
        f, rows = FACES.index(choice("face", face, FACES)), [index(one) for one in which]
        source, target = self.sources[f, rows], self.targets[f, rows]
        return source[:, None] / LEVELS, target[:, None] / LEVELS


@cache
def _places() -> dict[str, int]:
    return {character: i for i, character in enumerate(characters())}


def index(character: str) -> int:
    """Return a character's place in `characters()`.

    Raises:
        InputError: it has no picture.
    """
    place = _places().get(character) if isinstance(character, str) else None
    if place is None:
        allowed = "KS X 1001 (가 … 힝), A … Z, a … z, 0 … 9"
        raise InputError("choice", field="syllable", got=describe(character), allowed=allowed)
    return place


@cache
def glyphs() -> Glyphs:
    """Read the pictures that ship.

    Raises:
        WeightError: the file is missing or damaged.
    """
    return unpack(shipped.read(GLYPHS))


def pack(pictures: Tensor) -> Tensor:
    """Return pictures (n, 64, 64) of 0 to LEVELS as compressed bytes, two pixels a byte first."""
    flat = pictures.to(torch.uint8).view(-1, 2)
    data = zlib.compress((flat[:, 0] * 16 + flat[:, 1]).numpy().tobytes(), 9)
    return torch.frombuffer(bytearray(data), dtype=torch.uint8)


def unpack(data: bytes) -> Glyphs:
    """Return the pictures in a file's bytes."""
    from safetensors.torch import load

    found = load(data)

    def all_of(kind: str) -> Tensor:
        read = [zlib.decompress(found[f"{kind}-{face}"].numpy().tobytes()) for face in FACES]
        flat = torch.stack([torch.frombuffer(bytearray(each), dtype=torch.uint8) for each in read])
        both = torch.stack([flat // 16, flat % 16], -1)  # (faces, bytes, 2)
        return both.view(len(FACES), -1, SIDE, SIDE)

    return Glyphs(all_of("source"), all_of("target"))


def hand(sources: Tensor, generator: torch.Generator | None = None, sway: float = SWAY) -> Tensor:
    """Return sources (B, 1, 64, 64) as a hand might draw them: each under its own smooth moves.

    Args:
        sources: in [0, 1].
        generator: of the draw.
        sway: how far it strays, in pixels.
    """
    B = len(sources)
    knots = torch.randn(B, 2, KNOTS, KNOTS, generator=generator) * (2 * sway / SIDE)
    field = F.interpolate(knots, (SIDE, SIDE), mode="bicubic", align_corners=True)  # (B, 2, 64, 64)
    straight = torch.eye(2, 3).expand(B, 2, 3)
    grid = F.affine_grid(straight, [B, 1, SIDE, SIDE], align_corners=False)  # (B, 64, 64, 2)
    moved = F.grid_sample(sources, grid + field.permute(0, 2, 3, 1), align_corners=False)
    return moved.clamp(0, 1)


def draw_pairs(which: str, face: str = FACES[0], sway: float = SWAY) -> tuple[Tensor, Tensor]:
    """Return what a page shows of characters: sources as by a hand, and targets, (n, 1, 64, 64).

    A character's moves are drawn from its code point: they are the same each time.
    """
    sources, targets = glyphs().pairs(which, face)
    seeds = [torch.Generator().manual_seed(ord(one)) for one in which]
    return torch.cat([hand(x[None], seed, sway) for x, seed in zip(sources, seeds)]), targets
