"""Dates: every format against datetime's own reading, what is held out, and what is read."""

import re
from datetime import date, timedelta
from random import Random

import pytest
import torch

from core.data import dates
from core.data.date_formats import KNOWN, ORDERS, UNSEEN
from core.data.date_tensors import as_tensors, draw_pairs
from core.data.date_words import HANGUL, MONTHS, ORDINALS, TENS, UNITS, WEEKDAYS, YOIL, hangul
from core.inputs import InputError

ALL = {**KNOWN, **UNSEEN}


def number(text: str) -> int:
    """Read a Sino-Korean numeral, the other way round than it was written."""
    if "공" in text or (len(text) == 4 and not set(text) & set("십백천")):
        return int("".join(str(HANGUL.replace("영", "공").index(c)) for c in text))
    total, digit = 0, 0
    for c in text:
        size = {"십": 10, "백": 100, "천": 1000}.get(c)
        if size:
            total, digit = total + (digit or 1) * size, 0
        else:
            digit = HANGUL.index(c)
    return total + digit


def spelled(text: str) -> int:
    """Read "twenty twenty-six"."""
    if text.startswith("two thousand"):
        return 2000 + (UNITS.index(text.split()[2]) if text.split()[2:] else 0)
    high, *low = text.split()
    value = {"nineteen": 19, "twenty": 20}[high] * 100
    if low == ["hundred"]:
        return value
    low = low[-1].split("-")
    return value + sum(20 + 10 * TENS.index(w) if w in TENS else UNITS.index(w) for w in low)


def century(year: str) -> int:
    n = int(year)
    return n if len(year) > 2 else n + (1900 if n >= 50 else 2000)


def korean(text: str) -> date:
    """Read counters 년, 월, 일 in any order, in digits or numerals."""
    numeral = "[0-9]+|[영공일이삼사오육칠팔구십백천유시]+?"
    text = re.sub(r"^(\S+) 년 (\S+) 월 (\S+) 일", r"\1년 \2월 \3일", text)
    found = {k: n for n, k in re.findall(rf"({numeral}) ?([년월일])(?=[ ,(]|$)", text)}
    words = {"유": 6, "시": 10}
    y, m, d = (
        found[k] if found[k].isdigit() else str(words.get(found[k]) or number(found[k]))
        for k in "년월일"
    )
    return date(century(y), int(m), int(d))


def english(text: str) -> date:
    """Read a month's name, a day and a year from words and digits."""
    text = text.lower()
    month = next(i for i, m in enumerate(MONTHS) if re.search(rf"\b{m[:3].lower()}", text)) + 1
    words = [i for i, w in enumerate(ORDINALS) if re.search(rf"(?<![-a-z]){w}(?![-a-z])", text)]
    digits = re.findall(r"[0-9]+", text)
    if words:
        tail = text.split(", ")[-1]
        year = int(digits[0]) if digits else spelled(tail)
        return date(year, month, words[-1] + 1)
    year = next((n for n in digits if len(n) == 4), None) or re.findall(r"'([0-9]+)", text)[0]
    day = next(n for n in digits if n != year or digits.count(n) == 2)
    return date(century(year), month, int(day))


def numeric(text: str) -> date:
    """Read digits in the order that the text states, else year first."""
    words = re.sub("[0-9]", "", text).strip(" :()./-'")
    order = next((o for o, names in ORDERS.items() if words in names), "ymd")
    digits = re.findall(r"[0-9]+", text)
    if len(digits) == 1:
        digits = [digits[0][:4], digits[0][4:6], digits[0][6:]]
    got = dict(zip(order, digits))
    return date(century(got["y"]), int(got["m"]), int(got["d"]))


def reader(name: str):
    if name in ("iso", "digits in a stated order"):
        return numeric
    if name == "dots":
        return lambda text: numeric(re.sub(r"\(.\)| .요일", "", text))
    return (
        korean
        if re.search("korean(?! with)|hangul", name)
        else (english if name != "korean with english month" else None)
    )


@pytest.mark.parametrize("name", list(ALL))
def test_what_a_format_writes_is_read_back(name):
    r, read = Random(name), reader(name)
    for _ in range(300):
        pair = dates.write_pair(name, r, "held" if name in KNOWN else "unseen")
        day = date.fromisoformat(pair.iso)
        if read is None:
            [(year, month, number_)] = re.findall(r"^(\d+)년 (\w+) (\d+)일$", pair.text)
            assert (int(year), MONTHS[day.month - 1][:3], int(number_)) == (
                day.year,
                month,
                day.day,
            )
        else:
            assert read(pair.text) == day, pair
        for i, weekday in enumerate(WEEKDAYS):  # right or absent
            if re.search(rf"\b{weekday[:3]}\b|\b{weekday}\b", pair.text):
                assert i == day.weekday(), pair
        for i, yoil in enumerate(YOIL):
            if f"{yoil}요일" in pair.text or f"({yoil})" in pair.text:
                assert i == day.weekday(), pair


def test_every_way_that_the_issue_names_is_known_or_held_out():
    day, wanted = (
        date(2026, 11, 20),
        {
            "2026년 11월 20일 금요일": "korean",
            "이천이십육년 십일월 이십일": "hangul numerals",
            "Fri, 20th of Nov. 2026": "of",
            "11/20/26 (month/day/year)": "digits in a stated order",
            "2026-11-20": "iso",
            "20-Nov-2026": "20-Nov-2026",
            "2026년 십일월 이십일": "hangul month and day",
        },
    )
    for text, name in wanted.items():
        r = Random(0)
        assert text in {ALL[name].write(day, r) for _ in range(5000)}
    assert not set(KNOWN) & set(UNSEEN)


def test_numerals_are_as_korean_reads_them():
    known = {
        0: "영",
        10: "십",
        11: "십일",
        20: "이십",
        31: "삼십일",
        100: "백",
        1988: "천구백팔십팔",
    }
    known |= {2000: "이천", 2026: "이천이십육", 1900: "천구백", 2010: "이천십"}
    assert {n: hangul(n) for n in known} == known
    assert all(number(hangul(n)) == n for n in range(1, 10_000) if n % 1000 < 10 or n < 2100)


@pytest.mark.parametrize("part, held", [("train", False), ("held", True)])
def test_held_out_years_are_never_in_training_nor_others_beside_them(part, held):
    r = Random(part)
    pairs = [dates.draw(r, part) for _ in range(6000)]
    years = {int(p.iso[:4]) for p in pairs if p.iso != "?"}
    assert {year in dates.HELD_YEARS for year in years} == {held}
    formats = {p.format for p in pairs if p.iso != "?"}
    assert formats == set(KNOWN)  # all of them, and none of those held out
    if not held:
        assert years == set(range(1900, 2100)) - set(dates.HELD_YEARS)
        assert 0.04 < sum(p.iso == "?" for p in pairs) / len(pairs) < 0.08


def test_unseen_formats_and_no_dates():
    r = Random(1)
    assert {dates.draw(r, "unseen").format for _ in range(500)} == set(UNSEEN)
    others = [dates.draw(r, "other") for _ in range(3000)]
    assert {p.iso for p in others} == {"?"} and "" in {p.text for p in others}
    for text in {p.text for p in others}:  # none is a date that exists, year first
        if found := re.fullmatch(r"(\d{4})년 (\d+)월 (\d+)일", text):
            y, m, d = found.groups()
            assert dates.parse_iso(f"{y}-{int(m):02d}-{int(d):02d}") is None


def test_noise_never_takes_a_digit_nor_joins_two():
    r = Random(2)
    for _ in range(3000):
        clean = dates.draw(r, "held", noise=False).text
        worse = dates.add_noise(clean, r)
        assert re.findall(r"\d+", worse) == re.findall(r"\d+", clean)
        if "요일" not in clean:
            assert re.sub("[^영일이삼사오육칠팔구십백천]", "", worse) in (
                re.sub("[^영일이삼사오육칠팔구십백천]", "", clean),
                re.sub("일", "", re.sub("[^영일이삼사오육칠팔구십백천]", "", clean), count=1),
            )


def test_a_text_is_read_letter_by_letter():
    assert dates.encode("") == [dates.START]
    assert dates.encode("2A가") == [1, 3 + 2, 3 + dates.LETTERS.index("a"), dates.UNKNOWN]
    assert dates.encode("２０２６年")[1:5] == [5, 3, 5, 9]  # wide digits
    decomposed = "\u1102\u1167\u11ab"  # 년, as macOS writes it
    assert dates.read_letters(decomposed) == ["년"] and dates.encode(decomposed) == dates.encode(
        "년"
    )
    assert len(set(dates.LETTERS)) == len(dates.LETTERS) and len(dates.LETTERS) < 250
    assert dates.encode_answer("20-?") == [1, 5, 3, 13, 14, 2]


@pytest.mark.parametrize("text", [None, 3, ["a"], "0" * 49, "가" * 10_000, "🎉" * 49])
def test_a_text_that_is_refused(text):
    with pytest.raises(InputError) as caught:
        dates.encode(text)
    assert caught.value.rule == ("long" if isinstance(text, str) else "text")
    assert len(dates.encode("🎉" * 48)) == 49


def test_every_letter_of_every_clean_date_is_known():
    r = Random(3)
    for part in ("train", "unseen"):
        for pair in (dates.draw(r, part, noise=False) for _ in range(2000)):
            if pair.iso != "?" and pair.format not in ("hangul digit by digit",):
                assert dates.UNKNOWN not in dates.encode(pair.text), pair


@pytest.mark.parametrize(
    "said, day",
    [("2026-11-20", date(2026, 11, 20)), ("2026-02-30", None), ("?", None), ("20261120", None)],
)
def test_a_said_date_is_one_that_exists(said, day):
    assert dates.parse_iso(said) == day


def test_pairs_come_as_tensors_and_follow_their_generator():
    letters, symbols, pairs = draw_pairs(50, torch.Generator().manual_seed(1))
    assert letters.shape == (50, 49) and symbols.shape == (50, 12)
    assert letters.dtype == symbols.dtype == torch.uint8
    again = draw_pairs(50, torch.Generator().manual_seed(1))
    assert torch.equal(letters, again[0]) and pairs == again[2]
    assert pairs != draw_pairs(50, torch.Generator().manual_seed(2))[2]
    assert torch.equal(as_tensors(pairs)[1], symbols)
    for row, pair in zip(letters.tolist(), pairs):
        assert [i for i in row if i] == dates.encode(pair.text)
    for wrong in (0, -1, "many"):
        with pytest.raises(InputError):
            draw_pairs(wrong)  # pyright: ignore
    with pytest.raises(InputError):
        draw_pairs(1, part="test")


def test_a_short_year_is_in_its_hundred_years():
    r = Random(4)
    for name in ("korean, short year", "english, short year"):
        years = [date.fromisoformat(dates.write_pair(name, r, "train").iso) for _ in range(500)]
        assert min(years) >= date(1950, 1, 1) and max(years) < date(2050, 1, 1) + timedelta()
