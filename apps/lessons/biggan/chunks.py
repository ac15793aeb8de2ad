"""View "chunks": one part of the code exchanged at a time, under every class."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from apps.lessons.biggan import models as m
from apps.lessons.biggan.inputs import Inputs
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Frame, Turn

CROWD = 300  # codes that the bars are of
SIZE = 620
SWAPS: tuple[tuple[int, ...], ...] = ((0,), (1,), (2,), (0, 1, 2))


def chunks(inputs: Inputs) -> Board:
    """Show two codes under all classes, and the first with parts of the second."""
    first, second = m.codes(2, inputs.seed)
    labels = m.each_class(1)
    mixed = [swapped(first[None], second[None], parts)[0] for parts in SWAPS]
    images = [m.decode(np.tile(z, (m.CLASSES, 1)), labels) for z in (first, second, *mixed)]
    found = measure(inputs.seed)
    parts: dict[str, b.Widget] = {
        "first": strip(b.word("code_a"), images[0]),
        "second": strip(b.word("code_b"), images[1]),
    }
    whole = np.array_equal(images[-1], images[1])
    return {
        "frames": [frame(k, one, images[0], found) for k, one in enumerate(images[2:])],
        "parts": parts,
        "checks": [
            m.image_check(np.tile(mixed[0], (3, 1)), labels[:3], images[2][:3]),
            b.law(b.word("law_all"), int(whole), 1),
        ],
        "turn": turn(),
        "tables": {
            "moved": [["parts", "mean change", "read as asked"],
                      *([name_of(parts), *row] for parts, row in zip(SWAPS, found))],
        },
    }  # fmt: skip


def swapped(first: np.ndarray, second: np.ndarray, parts: tuple[int, ...]) -> np.ndarray:
    """Return the first codes (B, latent) with some of their parts from the second."""
    size = first.shape[1] // m.PARTS
    own = np.isin(np.arange(first.shape[1]) // size, parts)
    return np.where(own, second, first)


@lru_cache(maxsize=16)
def measure(seed: int) -> list[tuple[float, float]]:
    """Return for each exchange the mean change of a pixel, and the share read as asked."""
    z = m.codes(2 * CROWD, seed)
    labels = np.arange(CROWD) % m.CLASSES
    before = m.decode(z[:CROWD], labels)
    rows = []
    for parts in SWAPS:
        after = m.decode(swapped(z[:CROWD], z[CROWD:], parts), labels)
        read = nets.read_digits(after).argmax(1) == labels
        rows.append((float(np.abs(after - before).mean()), float(read.mean())))
    return rows


def name_of(parts: tuple[int, ...]) -> str:
    """Return the parts by name."""
    return ", ".join(b.sub("z", k) for k in parts)


def strip(label: b.Label, images: np.ndarray, role: str = "made") -> b.Widget:
    """Return a row of digits."""
    return b.grey(label, pictures.strip(images), size=SIZE, role=role)


def frame(
    k: int, images: np.ndarray, before: np.ndarray, found: list[tuple[float, float]]
) -> Frame:
    """Return both codes, the exchange, what it changed, and the bars of all exchanges."""
    name = b.word("exchanged", parts=name_of(SWAPS[k]))
    rows = [
        b.part("first"),
        b.part("second"),
        strip(name, images),
        strip(b.word("difference"), np.abs(images - before), "grad"),
    ]
    items = [
        {"label": name_of(parts), "v": row[0], "role": "grad" if at == k else "ink"}
        for at, (parts, row) in enumerate(zip(SWAPS, found))
    ]
    bars = b.bars(b.word("moved", n=str(CROWD)), items, low=0, high=found[-1][0], digits=3)
    facts = [b.fact(b.word("read_as"), f"{100 * found[k][1]:.1f} %")]
    return b.frame(b.row(b.column(*rows, gap="tight"), bars, gap="mid"), name, facts)


def turn() -> Turn:
    """Return the exercise: how many weights make a norm's gains and offsets out of e_y and z₁."""
    config = m.biggan().config
    maps = config.channels[0]  # of the first block
    count = 2 * maps * (config.embedded + config.part)
    ask = b.word("turn_chunks", e=str(config.embedded), z=str(config.part), maps=str(maps))
    return {"ask": ask, "blanks": [b.blank(b.word("norm_weights"), [count], "hidden", "")]}
