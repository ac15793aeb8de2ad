"""Which texts lie in what the nets learned: all that training draws do, and other years do not."""

import re
from random import Random

import pytest

from core.data import dates
from core.data.date_scope import hangul_number, outside, year_of
from core.data.date_words import year_in_words


@pytest.mark.parametrize(("part", "noise"), [("train", True), ("held", True), ("unseen", False)])
def test_every_drawn_date_lies_inside(part, noise):
    r = Random(f"scope {part}")
    drawn = [dates.draw(r, part, noise) for _ in range(3000)]
    wrong = [pair.text for pair in drawn if pair.iso != "?" and outside(pair.text)]
    assert not wrong and sum(pair.iso != "?" for pair in drawn) > 2500


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2100-01-01", "year"),
        ("1592년 4월 13일", "year"),
        ("12026-11-20", "year"),
        ("January 5, 1850", "year"),
        ("이천백년 일월 일일", "year"),
        ("일팔오공년 일월 일일", "year"),
        ("May first, eighteen fifty", "year"),
        ("21000101", "year"),
        ("2026.11", "parts"),
        ("2026-324", "parts"),
        ("November 2026", "parts"),
        ("2026년 11월", "parts"),
        ("2026-11-20 2026-11-21", "parts"),
        ("", "parts"),
        ("음력 2026년 1월 1일", "words"),
        ("2026-11-20T10:00", "words"),
        ("Nov 20 2026 at 5pm", "words"),
        ("2026年11月20日", "words"),
        ("Nov 20 2026 🎉", ""),
        ("２０２６-11-20", ""),
        ("2026녕 11월20일", ""),
        ("Novmeber 20, 2026", ""),
        ("11-May-1909", ""),
    ],
)
def test_what_lies_outside_is_told_why(text, why):
    assert outside(text) == why


def test_years_in_words_are_read():
    for year in range(*dates.YEARS):
        assert year_of(re.findall("[a-z]+", year_in_words(year))) == year
    assert hangul_number("천구백") == 1900 and hangul_number("이천이십육") == 2026
    assert hangul_number("이공이육") == 2026
