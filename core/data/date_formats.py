"""Write dates as people do: Korean and English formats, known to training or held out of it.

Every function takes a `datetime.date` and a `random.Random` that chooses among ways to write it. A
weekday is the date's own or is absent. A year of two digits means 1950 to 2049.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from typing import NamedTuple

from core.data.date_words import (
    MONTHS,
    ORDINALS,
    WEEKDAYS,
    YOIL,
    hangul,
    hangul_month,
    ordinal,
    year_by_digits,
    year_in_words,
)

Write = Callable[[date, Random], str]

ORDERS = {
    "mdy": ("month/day/year", "m/d/y", "mm/dd/yy", "월/일/년", "월일년"),
    "dmy": ("day/month/year", "d/m/y", "dd/mm/yy", "일/월/년", "일월년"),
    "ymd": ("year/month/day", "y/m/d", "yy/mm/dd", "년/월/일", "년월일"),
}


class Format(NamedTuple):
    """A way to write a date.

    Attributes:
        write: (date, random) -> text.
        language: "ko", "en", or "" for one that needs no language.
        short: whether it may write the year with two digits.
        share: how often it is drawn beside the others.
    """

    write: Write
    language: str
    short: bool = False
    share: float = 1.0


# ---- parts


def month_of(d: date, r: Random) -> str:
    """Return the month's English name, whole or short; May has no shorter."""
    name = MONTHS[d.month - 1]
    short = "Sept" if d.month == 9 and r.random() < 0.3 else name[:3]
    return r.choice([name, short, short if name == "May" else short + "."])


def weekday_of(d: date, r: Random) -> str:
    """Return the weekday's English name, whole or short."""
    name = WEEKDAYS[d.weekday()]
    return r.choice([name, name[:3]])


def weekday_before(text: str, d: date, r: Random) -> str:
    """Return an English date, in two cases of five with its weekday before it."""
    return f"{weekday_of(d, r)}, {text}" if r.random() < 0.4 else text


def weekday_after(text: str, d: date, r: Random) -> str:
    """Return a Korean date, in two cases of five with its weekday after it."""
    y = YOIL[d.weekday()]
    return text + (r.choice([f" {y}요일", f"({y})", f" ({y})"]) if r.random() < 0.4 else "")


def two_digits(n: int) -> str:
    """Return the last two digits of a number."""
    return f"{n % 100:02d}"


# ---- Korean


def korean(d: date, r: Random) -> str:
    """Write 2026년 11월 20일 금요일."""
    m, day = r.choice([(d.month, d.day), (two_digits(d.month), two_digits(d.day))])
    return weekday_after(f"{r.choice(['', '', '', '서기 '])}{d.year}년 {m}월 {day}일", d, r)


def korean_short(d: date, r: Random) -> str:
    """Write '26년 11월 20일."""
    quote = r.choice(["", "'"])
    return weekday_after(f"{quote}{two_digits(d.year)}년 {d.month}월 {d.day}일", d, r)


def korean_front(d: date, r: Random) -> str:
    """Write 금요일, 2026년 11월 20일."""
    return f"{YOIL[d.weekday()]}요일{r.choice([' ', ', '])}{d.year}년 {d.month}월 {d.day}일"


def dots(d: date, r: Random) -> str:
    """Write 2026. 11. 20.(금) or, with two digits, 26.11.20."""
    year = r.choice([str(d.year), str(d.year), two_digits(d.year), "'" + two_digits(d.year)])
    year = year if 1950 <= d.year < 2050 else str(d.year)
    m, day = r.choice([(str(d.month), str(d.day)), (two_digits(d.month), two_digits(d.day))])
    between = r.choice([".", ". "])
    return weekday_after(f"{year}{between}{m}{between}{day}{r.choice(['', '.'])}", d, r)


def numerals(d: date, r: Random) -> str:
    """Write 이천이십육년 십일월 이십일."""
    return weekday_after(f"{hangul(d.year)}년 {hangul_month(d.month)}월 {hangul(d.day)}일", d, r)


def numerals_apart(d: date, r: Random) -> str:
    """Write 이천이십육 년 십일 월 이십 일."""
    return weekday_after(f"{hangul(d.year)} 년 {hangul_month(d.month)} 월 {hangul(d.day)} 일", d, r)


# ---- digits


def iso(d: date, r: Random) -> str:
    """Write 2026-11-20, 2026/11/20, 2026 11 20, 20261120."""
    return d.strftime(f"%Y{(s := r.choice('-/ _'))}%m{s}%d").replace("_", "")


def ordered(d: date, r: Random) -> str:
    """Write 11/20/26 (month/day/year): the order is said."""
    order = r.choice(list(ORDERS))
    year = two_digits(d.year) if 1950 <= d.year < 2050 and r.random() < 0.5 else str(d.year)
    m, day = r.choice([(str(d.month), str(d.day)), (two_digits(d.month), two_digits(d.day))])
    values = {"y": year, "m": m, "d": day}
    digits = r.choice("/-.").join(values[k] for k in order)
    words = r.choice(ORDERS[order])
    return r.choice(
        [f"{digits} ({words})", f"{digits} {words}", f"{words} {digits}", f"{words}: {digits}"]
    )


# ---- English


def american(d: date, r: Random) -> str:
    """Write Friday, Nov. 20, 2026."""
    return weekday_before(
        f"{month_of(d, r)} {r.choice([d.day, ordinal(d.day)])}{comma(r)} {d.year}", d, r
    )


def british(d: date, r: Random) -> str:
    """Write Fri, 20 November 2026."""
    return weekday_before(f"{r.choice([d.day, ordinal(d.day)])} {month_of(d, r)} {d.year}", d, r)


def of(d: date, r: Random) -> str:
    """Write Fri, 20th of Nov. 2026."""
    text = f"{r.choice(['', 'the '])}{ordinal(d.day)} of {month_of(d, r)}{comma(r)} {d.year}"
    return weekday_before(text, d, r)


def in_words(d: date, r: Random) -> str:
    """Write the twentieth of November, 2026."""
    word, month = ORDINALS[d.day - 1], MONTHS[d.month - 1]
    first = r.choice([f"{month} {word}", f"the {word} of {month}"])
    return f"{first}{comma(r)} {d.year}"


def english_short(d: date, r: Random) -> str:
    """Write 20 Nov '26."""
    month = month_of(d, r)
    return f"{r.choice([f'{month} {d.day}', f'{d.day} {month}'])}{comma(r)} '{two_digits(d.year)}"


def english_back(d: date, r: Random) -> str:
    """Write 20 November 2026 (Friday)."""
    return f"{d.day} {month_of(d, r)} {d.year} ({weekday_of(d, r)})"


def comma(r: Random) -> str:
    """Return a comma or nothing."""
    return r.choice([",", ""])


KNOWN = {
    "korean": Format(korean, "ko", share=2.0),
    "korean, short year": Format(korean_short, "ko", short=True),
    "korean, weekday first": Format(korean_front, "ko"),
    "dots": Format(dots, "ko"),
    "hangul numerals": Format(numerals, "ko", share=2.5),
    "hangul numerals, apart": Format(numerals_apart, "ko"),
    "iso": Format(iso, ""),
    "digits in a stated order": Format(ordered, "", share=2.5),
    "american": Format(american, "en", share=1.5),
    "british": Format(british, "en", share=1.5),
    "of": Format(of, "en", share=1.5),
    "day in words": Format(in_words, "en"),
    "english, short year": Format(english_short, "en", short=True),
    "english, weekday last": Format(english_back, "en", share=0.7),
}


# ---- held out


def mixed(d: date, r: Random) -> str:
    """Write 2026년 십일월 이십일."""
    return f"{d.year}년 {hangul_month(d.month)}월 {hangul(d.day)}일"


def mixed_year(d: date, r: Random) -> str:
    """Write 이천이십육년 11월 20일."""
    return f"{hangul(d.year)}년 {d.month}월 {d.day}일"


def year_last(d: date, r: Random) -> str:
    """Write 11월 20일 2026년."""
    return f"{d.month}월 {d.day}일{r.choice([' ', ', '])}{d.year}년"


def two_languages(d: date, r: Random) -> str:
    """Write 2026년 Nov 20일."""
    return f"{d.year}년 {MONTHS[d.month - 1][:3]} {d.day}일"


def read_out(d: date, r: Random) -> str:
    """Write 이공이육년 십일월 이십일."""
    return f"{year_by_digits(d.year)}년 {hangul_month(d.month)}월 {hangul(d.day)}일"


def dashed(d: date, r: Random) -> str:
    """Write 20-Nov-2026."""
    return f"{d.day}-{MONTHS[d.month - 1][:3]}-{d.year}"


def year_first(d: date, r: Random) -> str:
    """Write 2026 November 20."""
    return f"{d.year}{comma(r)} {month_of(d, r)} {d.day}"


def all_words(d: date, r: Random) -> str:
    """Write November twentieth, twenty twenty-six."""
    return f"{MONTHS[d.month - 1]} {ORDINALS[d.day - 1]}, {year_in_words(d.year)}"


UNSEEN = {
    "hangul month and day": Format(mixed, "ko"),
    "hangul year": Format(mixed_year, "ko"),
    "korean, year last": Format(year_last, "ko"),
    "korean with english month": Format(two_languages, "ko"),
    "hangul digit by digit": Format(read_out, "ko"),
    "20-Nov-2026": Format(dashed, "en"),
    "english, year first": Format(year_first, "en"),
    "all in words": Format(all_words, "en"),
}
