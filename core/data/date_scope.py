"""Say by rule whether a text lies in what the nets learned: one day of 1900 to 2099.

A net answers whatever it is given, and is as sure of "2100-01-01" as of a year that it learned.
This rule reads no date: it counts what a text names, and knows no net.

    year    a year that the text names is not of dates.YEARS
    words   a letter or a word that no format has: 음력, at 5pm, 2026年
    parts   it names more or fewer than a year, a month and a day, or a number of another length
            than 1, 2, 4 (a year) and 8 digits (yyyymmdd)

A word of five letters or more may be mistyped by one letter, as the nets learned to read it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Literal

from core.data.date_formats import ORDERS
from core.data.date_words import HANGUL, MONTHS, ORDINALS, TENS, UNITS, WEEKDAYS, YOIL
from core.data.dates import SLIPS, YEARS

Reason = Literal["", "year", "parts", "words"]

NUMERALS = f"[{HANGUL}공십백천유시]"
SYLLABLES = set(f"{HANGUL}공십백천유시년{YOIL}요욜서기" + "".join(SLIPS.values()))
NAMES = tuple(name.lower() for name in MONTHS)
PIECES = {piece for word in ORDINALS for piece in word.split("-")}  # twenty-first: two words
SHORT_MONTHS = {name[:3] for name in NAMES} | {"sept"}
FREE = {  # words that name neither a year nor a month nor a day
    *(name.lower() for name in WEEKDAYS),
    *(name[:3].lower() for name in WEEKDAYS),
    *("st nd rd th the of month day year m d y mm dd yy".split()),
}
IN_YEARS = {*UNITS, *TENS, "hundred", "thousand", "oh"}
ORDER_WORDS = re.compile("|".join(re.escape(w) for words in ORDERS.values() for w in words[3:]))
WEEKDAY = re.compile(f"[{YOIL}](요일|욜)|\\([{YOIL}]\\)")


def outside(text: str) -> Reason:
    """Return why a text lies outside what the nets learned, "" where it does not."""
    folded = unicodedata.normalize("NFKC", text).lower()
    words, digits = re.findall("[a-z]+", folded), re.findall("[0-9]+", folded)
    korean = WEEKDAY.sub(" ", ORDER_WORDS.sub(" ", re.sub(r"\s", "", folded)))
    years, count = named_numbers(digits, korean)
    spoken, named, strange = english_parts(words)
    years += spoken
    if any(not YEARS[0] <= year <= YEARS[1] for year in years):
        return "year"
    if strange or any(c.isalpha() and not c.isascii() and c not in SYLLABLES for c in folded):
        return "words"
    if count + named + len(spoken) != 3 or any(len(run) not in (1, 2, 4, 8) for run in digits):
        return "parts"
    return ""


def named_numbers(digits: list[str], korean: str) -> tuple[list[int], int]:
    """Return the years that digits and Korean numerals name, and how many parts of a date.

    Args:
        digits: runs of digits.
        korean: the text without spaces and weekdays.
    """
    long = [int(run) if len(run) != 8 else int(run[:4]) for run in digits if len(run) > 3]
    said = [hangul_number(one) for one in re.findall(f"({NUMERALS}+)년", korean)]
    months = re.findall(f"(?<![0-9]){NUMERALS}+월", korean)
    days = re.findall(f"월{NUMERALS}+일(?!{NUMERALS})", korean)
    parts = len(digits) + 2 * sum(len(run) == 8 for run in digits)
    return long + said, parts + len(said) + len(months) + len(days)


def hangul_number(said: str) -> int:
    """Return a number as Korean reads it, 이천이십육, or digit by digit, 이공이육."""
    if not re.search("[십백천]", said):
        return int("".join("0" if c == "공" else str(max(HANGUL.find(c), 0)) for c in said))
    total, digit = 0, 0
    for c in said:
        unit = {"십": 10, "백": 100, "천": 1000}.get(c)
        total += (digit or 1) * unit if unit else 0
        digit = 0 if unit else max(HANGUL.find(c), 0)
    return total + digit


def english_parts(words: list[str]) -> tuple[list[int], int, bool]:
    """Return years in words, how many months and days are named, and if a word is unknown.

    A day in words is an ordinal; numbers in words that belong to none are a year.
    """
    months = sum(is_known(word, SHORT_MONTHS) or is_known(word, NAMES) for word in words)
    days = sum(word in PIECES and word not in TENS for word in words)
    strange = [
        word
        for word in words
        if not any(is_known(word, some) for some in (NAMES, SHORT_MONTHS, PIECES, IN_YEARS, FREE))
    ]
    left = [word for i, word in enumerate(words) if word in IN_YEARS and not in_ordinal(words, i)]
    return ([year_of(left)] if left else []), months + days, bool(strange)


def in_ordinal(words: list[str], i: int) -> bool:
    """Return whether word i is the twenty of twenty-first."""
    after = words[i + 1] if i + 1 < len(words) else ""
    return words[i] in TENS and after in PIECES and after not in TENS


def year_of(words: list[str]) -> int:
    """Return a year as English says it: nineteen oh five, two thousand one, eighteen hundred."""
    total, last = 0, 0
    for word in words:
        if word in ("thousand", "hundred"):
            last *= 1000 if word == "thousand" else 100
            total, last = total + last, 0
            continue
        value = 0 if word == "oh" else UNITS.index(word) if word in UNITS else 0
        value += 20 + 10 * TENS.index(word) if word in TENS else 0
        if word == "oh" or (last >= 10 and not (last % 10 == 0 and last >= 20 and value < 10)):
            total, last = total + 100 * last, 0  # nineteen | oh five, twenty | twenty-six
        last += value
    return total + last


def is_known(word: str, words: Collection[str]) -> bool:
    """Return whether a word is one of several, or one of five letters or more with a slip."""
    return word in words or (len(word) > 3 and any(len(w) > 4 and one_slip(word, w) for w in words))


def one_slip(word: str, meant: str) -> bool:
    """Return whether a word is another with one letter left out or doubled, or two swapped."""
    swapped = (meant[:i] + meant[i + 1] + meant[i] + meant[i + 2 :] for i in range(len(meant) - 1))
    shorter = (meant[:i] + meant[i + 1 :] for i in range(len(meant)))
    doubled = (meant[:i] + meant[i] + meant[i:] for i in range(len(meant)))
    return abs(len(word) - len(meant)) <= 1 and word in {*swapped, *shorter, *doubled}
