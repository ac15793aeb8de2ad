"""View "race": a net that grew beside its twin that did not, at equal minutes of processor."""

from __future__ import annotations

import numpy as np

from apps.lessons.progan import models as m
from apps.lessons.progan.inputs import SIDES, Inputs
from apps.lessons.shared import nets, pictures
from apps.stage import board as b
from apps.stage.contract import Board, Check, Frame, Turn

SHOWN = 40  # digits of each net
COLUMNS = 8
KEPT = 0.03  # file and journal: weights of half precision, shades of 1/255
ROLES = {m.NAME: "made", m.SCRATCH: "hidden"}
WORDS = {m.NAME: "grown", m.SCRATCH: "scratch"}
Book = dict[str, np.ndarray]


def race(inputs: Inputs) -> Board:
    """Show what each has learned by a minute, and the Fréchet distance of both by then."""
    del inputs
    books = {name: nets.journal(name) for name in m.NETS}
    minutes = moments(books)
    return {
        "frames": [frame(books, minute) for minute in minutes],
        "facts": [],
        "checks": [last_check(name, book) for name, book in books.items()],
        "turn": turn(books),
        "tables": {
            WORDS[name]: [
                ["minute", "level", "alpha", "Fréchet"],
                *map(list, zip(*(book[f"moments.{k}"].tolist()
                                 for k in ("minutes", "level", "alpha", "Fréchet")))),
            ]
            for name, book in books.items()
        },
    }  # fmt: skip


def moments(books: dict[str, Book]) -> list[float]:
    """Return the minutes at which either is looked at, as far as both go."""
    last = min(float(book["moments.minutes"][-1]) for book in books.values())
    every = np.concatenate([book["moments.minutes"] for book in books.values()])
    return sorted({round(float(t), 2) for t in every if t <= last} | {round(last, 2)})


def at(book: Book, minute: float) -> int:
    """Return the number of a journal's last moment by a minute."""
    return int(np.searchsorted(book["moments.minutes"], minute + 0.01, side="right")) - 1


def frame(books: dict[str, Book], minute: float) -> Frame:
    """Return both nets' digits, and the chart of both up to the end, with this minute marked."""
    now = {name: at(book, minute) for name, book in books.items()}
    sheets, facts = [], []
    for name, book in books.items():
        k = now[name]
        images = book["moments.images"][k, :SHOWN, 0] / 255
        side = str(SIDES[int(book["moments.level"][k])])
        label = b.word(f"{WORDS[name]}_at", side=side)
        sheets.append(b.grey(label, pictures.sheet(images, COLUMNS), size=300, role=ROLES[name]))
        facts.append(b.fact(b.word(f"frechet_{WORDS[name]}"), f"{book['moments.Fréchet'][k]:.2f}"))
    view = b.row(b.row(*sheets, gap="mid"), chart(books, minute), gap="mid")
    return b.frame(view, b.word("minute_n", n=f"{minute:.1f}"), facts)


def chart(books: dict[str, Book], minute: float) -> b.Widget:
    """Return the distance over the minutes, with where the net that grows reaches a level."""
    drawn = []
    for name, book in books.items():
        later = book["moments.minutes"] > 0
        x, y = book["moments.minutes"][later], book["moments.Fréchet"][later]
        drawn.append(b.series(b.word(WORDS[name]), y, ROLES[name], x=x))
    grown = books[m.NAME]
    begins = [int(np.argmax(grown["moments.level"] >= level)) for level in range(1, m.TOP + 1)]
    rules = [
        {"x": float(grown["moments.minutes"][k]), "label": f"{side}×{side}"}
        for k, side in zip(begins, SIDES[1:])
    ]
    return b.chart(
        b.word("frechet_chart"), drawn, x=b.word("minutes"), log=True, xlog=True, rules=rules,
        cursor=minute or None, width=430, height=360,
    )  # fmt: skip


def last_check(name: str, book: Book) -> Check:
    """Return the check of a journal's last digits by the weights that ship."""
    z = m.codes(pictures_kept(book), 1, name)[:6]
    shown = book["moments.images"][-1, :6, 0] / 255
    return m.image_check(z, shown, name=name, tolerance=KEPT)


def pictures_kept(book: Book) -> int:
    """Return how many digits a journal keeps of a moment: as many codes were drawn."""
    return book["moments.images"].shape[1]


def turn(books: dict[str, Book]) -> Turn:
    """Return the exercise: how many times as many minutes one step costs at 32x32 as at 4x4."""
    grown = books[m.NAME]
    rate = np.diff(grown["moments.minutes"]) / np.diff(grown["moments.step"])
    level = grown["moments.level"][1:]
    first, last = (round(60_000 * float(np.median(rate[level == k])), 1) for k in (0, m.TOP))
    ask = b.word("turn_race", first=f"{first:.1f}", last=f"{last:.1f}")
    return {"ask": ask, "blanks": [b.blank(b.word("times"), [last / first], "grad", "")]}
