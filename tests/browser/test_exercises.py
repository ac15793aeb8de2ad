"""Exercises: how a typed number is read, how an entry is marked, choices, worksheets on paper."""

import re

import pytest
from playwright.sync_api import expect

from apps import TABS
from apps.stage.server import words
from tests.browser.test_joined import JOINED
from tests.browser.test_lessons import settled
from tests.stage.test_texts import ON_SCREEN

pytestmark = pytest.mark.browser
A4 = (673, 1001)  # pixels of 178 by 265 mm, a page less its margins, at 96 to the inch
READ = [
    ("0.25", 0.25),
    (".5", 0.5),
    ("１２．５", 12.5),
    ("－0.3", -0.3),
    ("−0.3", -0.3),
    ("–0.3", -0.3),
    ("﹣3", -3),
    ("+2", 2),
    ("1,000", 1000),
    ("91,136", 91136),
    ("1,234,567.5", 1234567.5),
    ("0,134", 0.134),
    ("1,5", 1.5),
    ("1/3", 1 / 3),
    ("-2/5", -0.4),
    ("45 %", 0.45),
    ("45％", 0.45),
    ("2.5e-3", 0.0025),
    (" 7 ", 7),
]
UNREAD = ["", "abc", "0x10", "1e999", "Infinity", "1/0", "1/2/3", "1,00,0", "--1", "1..2", "삼"]


def test_a_typed_number_is_read_as_that_number_or_not_at_all(watch):
    page = watch("/rnn?scene=1&lang=ko").page
    read = page.evaluate(
        "async ([path, texts]) => { const { typed } = (await import(path)).load('numbers.js');"
        " return texts.map((text) => typed(text)) }",
        [JOINED, [text for text, _ in READ] + UNREAD],
    )
    assert read[: len(READ)] == pytest.approx([value for _, value in READ], rel=1e-15)
    assert read[len(READ) :] == UNREAD


def turned(page):
    page.get_by_role("button", name="내 차례").click()
    page.wait_for_selector(".turn")
    return page


def test_an_entry_may_be_off_by_one_in_the_last_decimal_and_what_is_no_number_is_named(watch):
    page = turned(settled(watch("/rnn?scene=1&lang=ko").page))
    texts = ["0.0938", "0.1344", "십", "", "１/100", "0.3312", "0.3309", "0.3379"]
    fields = page.locator(".blank").all()
    for field, text in zip(fields, texts, strict=True):
        field.fill(text)
    page.get_by_role("button", name="채점").click()
    marks = [field.get_attribute("data-mark") for field in fields]
    assert marks == ["right", "wrong", "wrong", "", "wrong", "right", "right", "right"]
    told = page.locator(".turn .marks")
    expect(told).to_contain_text("8개 가운데 4개")
    expect(told).to_contain_text("‘십’")
    assert [field.input_value() for field in fields] == texts  # nothing typed is lost


def first_with(page, tab, selector):
    """Open the first scene of a tab whose exercise has what a selector finds."""
    for n in range(1, len(words.scenes(tab)) + 1):
        page.locator(".dots button").nth(n - 1).click()
        settled(page)
        page.get_by_role("button", name="내 차례").click()
        page.wait_for_selector(".drawer > *")
        if page.locator(selector).count():
            return page
    raise AssertionError(f"no exercise of {tab} has {selector}")


def test_a_choice_is_marked_and_the_right_one_shows_the_values(watch):
    page = first_with(
        settled(watch("/compare?scene=1&lang=ko").page), "compare", ".turn .row .tool"
    )
    options = page.locator(".turn .row .tool")
    said = {words.words("ko", "stage")[key] for key in ("right_choice", "wrong_choice")}
    marks = []
    for option in options.all():
        option.click()
        marks.append(option.get_attribute("data-mark"))
        assert page.locator(".turn .marks").inner_text() in said
    assert sorted(marks) == ["right", *["wrong"] * (len(marks) - 1)]


def assert_one_page(page, tab, lang, n):
    """Hold that a scene's worksheet is one page of A4 and speaks of nothing on a screen."""
    page.goto(
        re.sub(r"(http://[^/]+)/.*", rf"\1/{tab}?scene={n}&lang={lang}&sheet=blank", page.url)
    )
    page.wait_for_selector(".sheet")
    page.evaluate("document.fonts.ready")
    high = page.evaluate("document.querySelector('.sheet').scrollHeight")
    assert high <= A4[1], (tab, n, high)
    assert not re.search(ON_SCREEN, page.locator(".sheet").inner_text(), re.I), (tab, n)


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_worksheet_is_one_page(watch, lang):
    page = watch(f"/rnn?scene=1&lang={lang}", lang=lang, width=A4[0], height=A4[1]).page
    page.emulate_media(media="print")
    assert_one_page(page, "rnn", lang, 1)


@pytest.mark.slow
@pytest.mark.parametrize("tab", TABS)
def test_every_worksheet_is_one_page(watch, tab):
    page = watch(f"/{tab}?scene=1&lang=ko", width=A4[0], height=A4[1]).page
    page.emulate_media(media="print")
    for lang in words.LANGUAGES:
        for n in range(1, len(words.scenes(tab)) + 1):
            assert_one_page(page, tab, lang, n)
