"""Draw pairs of a date as people write it and in ISO 8601, without end, from a seed.

    "train"   a known format, a year of 1900 to 2099 that is not held out, noise now and then
    "held"    a known format and a year that training never saw
    "unseen"  a format that training never saw, any year
    "other"   no date: "?" is the right answer. Also a day that does not exist, a date without its
              year, and digits in an order that nobody states (11/20/26)

    noise     two letters of an English name swapped, one left out or doubled; a Korean counter
              mistyped; spaces left out (not between two digits or names), doubled, or around the
              text; rarely a sign that is no letter of a date at all

A text is read letter by letter, in lower case and composed form; a letter that is not in LETTERS is
one and the same unknown one. Indices: 0 nothing, 1 [start], 2 unknown, the rest by place. On the
other side: 0 nothing, 1 [start], 2 [end], the rest by place in SYMBOLS.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from core.data.date_formats import KNOWN, UNSEEN, Format
from core.data.date_words import MONTHS, WEEKDAYS, hangul
from core.inputs import InputError, choice, describe

PAD, START, UNKNOWN, END = 0, 1, 2, 2
LONGEST = 48  # letters of a text
WRITTEN = 11  # symbols of an answer: 2026-11-20 and [end]
SYMBOLS = "0123456789-?"
LETTERS = (
    "0123456789abcdefghijklmnopqrstuvwxyz .,-/'():"
    "영공일이삼사오육칠팔구십백천년월화수목금토요유시서기"
    "녀녕웡워읠잃욜전후분어제내늘"
)
YEARS = (1900, 2099)
HELD_YEARS = (
    *(1903, 1919, 1926, 1934, 1945, 1950, 1961, 1972, 1988, 1997),
    *(2002, 2010, 2018, 2026, 2033, 2049, 2054, 2067, 2071, 2085),
)
PARTS = ("train", "held", "unseen", "other")
NOISY = 0.25  # share of pairs with noise
OTHER = 0.06  # share of no dates among the training pairs
SLIPS = {"년": "녀녕", "월": "웡워", "일": "읠잃"}
WORDS = (
    *("안녕하세요", "오늘", "내일", "어제", "점심 뭐 먹지", "오후 3시 30분", "금요일", "hello"),
    *("tomorrow", "no date here", "Friday", "room 203", "오전 10시", "November", "11월", "2026년"),
    *("next week", "이천이십육", "십일월", "the third floor", "제3회 세미나", "010-1234-5678"),
)


class Pair(NamedTuple):
    """A date as written, as ISO 8601 ("?" where it is none), and the name of its format."""

    text: str
    iso: str
    format: str


# ---- letters


def read_letters(text: Any) -> list[str]:
    """Return the letters of a text in composed form, at most LONGEST, as they were written.

    Raises:
        InputError: it is no text, or longer.
    """
    if not isinstance(text, str):
        raise InputError("text", field="text", got=describe(text))
    if len(text) > 4 * LONGEST:  # composed it is at least a fourth as long: none need be read
        raise InputError("long", field="text", got=len(text), high=LONGEST)
    letters = list(unicodedata.normalize("NFC", text))
    if len(letters) > LONGEST:
        raise InputError("long", field="text", got=len(letters), high=LONGEST)
    return letters


def normalise(letter: str) -> str:
    """Return a letter as the vocabulary knows it: in lower case, half as wide where it was wide."""
    folded = unicodedata.normalize("NFKC", letter).lower()
    if len(folded) != 1:
        return letter
    return {"’": "'", "‘": "'", "–": "-", "—": "-", "，": ",", "\t": " "}.get(folded, folded)


def encode(text: str, letters: str = LETTERS) -> list[int]:
    """Return [start] and the indices of a text's letters: up to LONGEST + 1 numbers.

    What is not found has place −1, and so the index UNKNOWN.

    Raises:
        InputError: as `read_letters`.
    """
    return [START, *(letters.find(normalise(c)) + 3 for c in read_letters(text))]


def encode_answer(iso: str, symbols: str = SYMBOLS) -> list[int]:
    """Return [start], the indices of an answer's symbols, [end]."""
    return [START, *(symbols.index(c) + 3 for c in iso), END]


def parse_iso(said: str) -> date | None:
    """Return the date that an ISO text names, if it is one."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said):
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:  # no such day
        return None


# ---- draws


def draw(r: Random, part: str = "train", noise: bool = True) -> Pair:
    """Return one pair.

    Args:
        r: the random generator.
        part: "train", "held", "unseen" or "other".
        noise: whether some pairs are noisy; those of unseen formats never are.

    Raises:
        InputError: another part.
    """
    if choice("part", part, PARTS) == "other" or (part == "train" and r.random() < OTHER):
        return Pair(write_no_date(r), "?", "no date")
    formats = UNSEEN if part == "unseen" else KNOWN
    name = r.choices(list(formats), [f.share for f in formats.values()])[0]
    return write_pair(name, r, part, noise)


def write_pair(name: str, r: Random, part: str = "held", noise: bool = False) -> Pair:
    """Return a pair of the format of that name."""
    form = {**KNOWN, **UNSEEN}[name]
    day = draw_day(r, form, part)
    text = form.write(day, r)
    if noise and part != "unseen" and r.random() < NOISY:
        worse = add_noise(text, r)
        text = worse if len(worse) <= LONGEST else text
    return Pair(text, day.isoformat(), name)


def draw_day(r: Random, form: Format, part: str) -> date:
    """Return a day of a year that the part may use and the format can write."""
    first, last = (1950, 2049) if form.short else YEARS
    held = [y for y in HELD_YEARS if first <= y <= last]
    year = r.choice(held) if part == "held" else r.randint(first, last)
    while part == "train" and year in HELD_YEARS:
        year = r.randint(first, last)
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return date(year, 1, 1) + timedelta(r.randrange(days))


def add_noise(text: str, r: Random) -> str:
    """Return a text with typing noise that keeps its date."""
    kind = r.random()
    if kind < 0.45:
        return change_spaces(text, r)
    if kind < 0.9:
        return mistype(text, r)
    at = r.choice([0, len(text)])
    return text[:at] + r.choice("🎉☃★!~?") + text[at:]


def change_spaces(text: str, r: Random) -> str:
    """Return a text with spaces left out, doubled, or around it."""
    out = ""
    for i, letter in enumerate(text):
        beside = text[max(i - 1, 0)] + text[min(i + 1, len(text) - 1)]
        needed = beside.isascii() and beside.isalnum()
        lot = r.random() if letter == " " else 1.0
        out += "  " if lot < 0.2 else "" if lot < 0.6 and not needed else letter
    return " " * r.randrange(2) + out + " " * r.randrange(2)


def mistype(text: str, r: Random) -> str:
    """Return a text with one slip: in a name of five letters or more, or in a Korean counter."""
    names = [m for m in re.finditer(r"[A-Za-z]{5,}", text) if m[0] in MONTHS or m[0] in WEEKDAYS]
    if names:
        found = r.choice(names)
        i = found.start() + r.randrange(1, len(found[0]) - 1)
        way = r.randrange(3)
        if way == 0:
            return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
        return text[:i] + text[i + 1 :] if way == 1 else text[:i] + text[i] + text[i:]
    counters = [m.start() for m in re.finditer("(?<=[0-9])[년월일]", text)]
    if not counters:
        return text.replace("요일", "욜")
    i = r.choice(counters)
    return text[:i] + r.choice(SLIPS[text[i]]) + text[i + 1 :]


# ---- what is no date


def write_no_date(r: Random) -> str:
    """Return a text without a date."""
    year, month, day = r.randint(*YEARS), r.randint(1, 12), r.randint(1, 31)
    kind = r.randrange(7)
    if kind == 0:
        return r.choice(WORDS)
    if kind == 1:  # without its year
        name = MONTHS[month - 1]
        return r.choice(
            [f"{month}월 {day}일", f"{name} {day}", f"{hangul(month)}월 {hangul(day)}일"]
        )
    if kind == 2:  # nobody says in which order
        s, short = r.choice("/-"), r.choice([year, f"{year % 100:02d}"])
        return r.choice([f"{month}{s}{day}{s}{short}", f"{month:02d}{s}{day:02d}{s}{short}"])
    if kind in (3, 4):
        return write_impossible_date(r, year, month, day)
    if kind == 5:  # letters without sense, many of them unknown
        pool = LETTERS + "가나다뭐먹🎉🙂★é한글" * 3
        return "".join(r.choice(pool) for _ in range(r.randrange(LONGEST + 1)))
    return "".join(r.choice("0123456789") for _ in range(r.choice([0, 0, 1, 2, 3, 5, 6, 10, 11])))


def write_impossible_date(r: Random, year: int, month: int, day: int) -> str:
    """Return a day that does not exist."""
    month, day = r.choice(
        [
            (r.randint(13, 19), day),
            (month, r.randint(32, 39)),
            (0, day),
            (month, 0),
            (2, r.choice([30, 31])),
            (r.choice([4, 6, 9, 11]), 31),
        ]
    )
    named = [f"{MONTHS[month - 1]} {day}, {year}"] if 1 <= month <= 12 else []
    return r.choice([f"{year}년 {month}월 {day}일", f"{year}-{month:02d}-{day:02d}", *named])
