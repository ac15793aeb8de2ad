"""Say the parts of a date in words: months, weekdays, days and years, in Korean and English.

What writes dates and what reads them take the words from here.
"""

from __future__ import annotations

from collections.abc import Sequence

MONTHS: Sequence[str] = (
    "January February March April May June July August September October November December"
).split()
WEEKDAYS: Sequence[str] = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
ORDINALS: Sequence[str] = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first"
    " twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh"
    " twenty-eighth twenty-ninth thirtieth thirty-first"
).split()
UNITS: Sequence[str] = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
TENS: Sequence[str] = "twenty thirty forty fifty sixty seventy eighty ninety".split()
HANGUL, YOIL = "영일이삼사오육칠팔구", "월화수목금토일"


def hangul(n: int) -> str:
    """Return a number from 0 to 9999 as Korean reads it: 2026 is 이천이십육."""
    if n == 0:
        return HANGUL[0]
    out = ""
    for unit, size in (("천", 1000), ("백", 100), ("십", 10), ("", 1)):
        if digit := n // size % 10:
            out += ("" if digit == 1 and unit else HANGUL[digit]) + unit
    return out


def hangul_month(month: int) -> str:
    """Return a month's numeral before 월: June is 유 and October is 시."""
    return {6: "유", 10: "시"}.get(month, hangul(month))


def year_by_digits(n: int) -> str:
    """Return a year read digit by digit: 2026 is 이공이육."""
    return "".join("공" if c == "0" else HANGUL[int(c)] for c in str(n))


def year_in_words(year: int) -> str:
    """Return a year as English says it: twenty twenty-six, nineteen oh five, two thousand."""

    def say(n: int) -> str:
        if n < 20:
            return UNITS[n]
        return TENS[n // 10 - 2] + (f"-{UNITS[n % 10]}" if n % 10 else "")

    high, low = divmod(year, 100)
    if high == 20 and low < 10:
        return "two thousand" + (f" {UNITS[low]}" if low else "")
    return f"{say(high)} " + ("hundred" if low == 0 else f"oh {say(low)}" if low < 10 else say(low))


def ordinal(day: int) -> str:
    """Return 1st, 2nd, 3rd, 4th …"""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{'th' if 10 < day < 14 else ending}"
