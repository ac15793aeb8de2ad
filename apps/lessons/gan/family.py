"""View "family": six kinds of GAN, what each changed, digits of each and how far they are off."""

from __future__ import annotations

import numpy as np

from apps.lessons.gan.inputs import Inputs
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Check, Frame, Turn
from core.measure import check, comparison, drawing

PIX2PIX = "pix2pix-hangul"
KINDS = {
    "DCGAN": "dcgan-mnist",
    "WGAN-GP": "wgan-gp-mnist",
    "CGAN": "cgan-mnist",
    "ProGAN": "progan-mnist",
    "BigGAN": "biggan-mnist",
    "Pix2Pix": PIX2PIX,
}
ALL = "all"
SHOWN = 10  # digits of each; strokes and type of half as many syllables
SYLLABLES = "글보워퓨깨"  # held out of the training
FACE = "myeongjo"
WIDTH = 400
SAID = ("changed", "gained", "paid")
TOLERANCE = 5e-4  # of a distance, whose moments are kept in float32


def family(inputs: Inputs) -> Board:
    """Show all six, a frame for what each of them changed."""
    strips = {kind: strip(kind, inputs.seed) for kind in KINDS}
    distances = {kind: distance(card) for kind, card in KINDS.items() if card != PIX2PIX}
    return {
        "frames": [frame(kind, strips, distances) for kind in (ALL, *KINDS)],
        "facts": [b.fact(b.word("family_floor"), floor())],
        "checks": checks(distances),
        "turn": turn(),
        "tables": {"distances": [["kind", "Fréchet"], *map(list, distances.items())]},
    }


def strip(kind: str, seed: int) -> b.Widget:
    """Return ten pictures of a kind in a row, or why its net is not here."""
    card = KINDS[kind]
    if not nets.have(card):
        return b.column(b.text(kind), nets.absent(card), gap="tight")
    images = syllables() if card == PIX2PIX else digits(card, seed)
    return b.grey(kind, pictures.strip(images), size=WIDTH)


def digits(card: str, seed: int) -> np.ndarray:
    """Return a net's first ten digits of a seed in the comparison, (10, 28, 28) in [0, 1]."""
    kind = comparison.BY_NAME[card]
    return drawing.draw(nets.model(card), kind, seed, 0, SHOWN) / 255


def syllables() -> np.ndarray:
    """Return strokes and the type that is made of them, in turn, (10, 64, 64) in [0, 1]."""
    import torch

    from core.data.hangul import FACES, draw_pairs

    strokes, _ = draw_pairs(SYLLABLES, FACE)
    told = torch.full((len(SYLLABLES),), FACES.index(FACE))
    made = nets.model(PIX2PIX).translate(strokes, told)
    return torch.cat([strokes, made], 1).flatten(0, 1).numpy()


def distance(card: str) -> float | None:
    """Return the Fréchet distance of 2,000 digits to the test digits, None if not measured."""
    known = nets.card(card)
    found = comparison.figures(known)["frechet"] if known else None
    return found["value"] if found else None


def floor() -> float:
    """Return the same distance of training digits."""
    return comparison.read_figures()["floor"]["frechet"]["value"]


def checks(distances: dict[str, float | None]) -> list[Check]:
    """Return the check of the distances by SciPy, from the features' moments."""
    real = comparison.read_moments("real")
    sets = [(v, comparison.read_moments(KINDS[kind])) for kind, v in distances.items() if v]
    some = [(v, moments) for v, moments in sets if moments]
    return [b.delta_check(check.frechet_delta(some, real), TOLERANCE)] if real and some else []


def frame(kind: str, strips: dict[str, b.Widget], distances: dict[str, float | None]) -> Frame:
    """Return all kinds, or one of them in focus with what it changed, gained and paid."""
    rows = [b.faint(one, dim=kind not in (ALL, name)) for name, one in strips.items()]
    told = [
        b.text(b.word(f"family.{part}", what=b.word(f"family.{part}_{KINDS[kind]}")), size="note")
        for part in SAID
        if kind != ALL
    ]
    right = b.column(*told, bars(kind, distances), gap="mid")
    name = b.word("overview") if kind == ALL else kind
    return b.frame(b.row(b.column(*rows, gap="tight"), right, gap="wide"), name)


def bars(kind: str, distances: dict[str, float | None]) -> b.Widget:
    """Return the distances of the five that draw digits, the one in focus in colour."""
    items = [
        {"label": name, "v": v, "role": "made" if kind in (ALL, name) else "ink"}
        for name, v in distances.items()
        if v is not None
    ]
    high = max((float(one["v"]) for one in items), default=1.0)
    name = b.word("family_distance", n=f"{comparison.MEASURED:,}")
    return b.bars(name, items, low=0, high=high, digits=2)


def turn() -> Turn:
    """Return the exercise: which of the six draws no code z."""
    return {"ask": b.word("turn_family"), "choices": list(KINDS), "answer": len(KINDS) - 1}
