"""Points out of a CSV, and strokes out of a picture: chosen, dropped, pasted, or refused."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from apps.lessons.shared import pictures
from apps.stage.server import words
from tests.browser.test_lessons import settled
from tests.browser.test_live import LIVE, count

pytestmark = pytest.mark.browser
ANSWER = re.compile("component_server")
PLANE = next(f"/{tab}?scene={n}" for tab, n in LIVE if tab == "gan")
PADS = [
    (tab, 1 + next(i for i, one in enumerate(words.scenes(tab)) if one["view"] == view))
    for tab, view in (("vae", "posterior"), ("pix2pix", "draw"))
]


def sent(response):
    """Return what was drawn, as the page sent it."""
    (found,) = re.findall(r'\\*"drawn\\*":(\[\[.*?\]\]|\\*"[01]+\\*")', response.request.post_data)
    return json.loads(found.replace("\\", ""))


def csv(text):
    return {"name": "points.csv", "mimeType": "text/csv", "buffer": text.encode()}


@pytest.mark.parametrize(
    "text",
    [
        "x,y\n0.5,-1.25\n2,1\n",
        "0.5;-1.25;a\r\n2;1;b",
        "0.5\t−1.25\n\n2\t1\n",
        '"0.5","-1.25"\n"2","1"',
        "1/2 -1.25\n2 1",
    ],
)
def test_points_come_out_of_a_csv(watch, text):
    page = settled(watch(f"{PLANE}&lang=en", lang="en").page)
    with page.expect_response(ANSWER) as answer:
        page.locator(".stage .load input").set_input_files(csv(text))
    assert sent(answer.value) == [[0.5, -1.25], [2, 1]]
    expect(page.locator(".stage .load output")).to_have_text("")


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_points_are_pasted_and_dropped(watch, how):
    page = settled(watch(f"{PLANE}&lang=en", lang="en").page)
    with page.expect_response(ANSWER) as answer:
        page.evaluate(
            """(how) => {
                const data = new DataTransfer();
                data.setData("text/plain", "1,2\\n-1,0.5");
                const event = how === "paste"
                    ? new ClipboardEvent("paste", {clipboardData: data, bubbles: true})
                    : new DragEvent("drop", {dataTransfer: data, bubbles: true});
                document.querySelector(".stage canvas.draw").dispatchEvent(event);
            }""",
            how,
        )
    assert sent(answer.value) == [[1, 2], [-1, 0.5]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x,y\n1,2\n3", "Line 3 is “3”"),
        ("1,2\none,two", "Line 2 is “one,two”"),
        ("1,2\n9,0", "point in line 2 lies outside of the plane"),
        ("x,y\n", "There are no points"),
        ("\n".join(["0,0"] * 401), "There are 401 points in it; at most 400"),
        ("1,1\n1e999,0", "Line 2"),
    ],
)
def test_a_csv_that_is_refused_changes_nothing(watch, text, said):
    page = settled(watch(f"{PLANE}&lang=en", lang="en").page)
    before = count(page), page.locator(".facts").inner_text()
    page.locator(".stage .load input").set_input_files(csv(text))
    expect(page.locator(".stage .load output")).to_contain_text(said)
    assert (count(page), page.locator(".facts").inner_text()) == before


def png(image):
    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return {"name": "digit.png", "mimeType": "image/png", "buffer": out.getvalue()}


def bits(page):
    """Return the pad's cells, on or off."""
    on = page.locator(".stage .cells.draw i").evaluate_all(
        "(cells) => cells.map((one) => one.classList.contains('on'))"
    )
    side = round(len(on) ** 0.5)
    return np.array(on).reshape(side, side)


def written(paper, moved):
    """Return a test digit as a photograph might have it: larger, off the middle, on its paper."""
    digit = np.kron(pictures.digits()[0][7], np.ones((9, 9)))
    sheet = np.zeros((400, 520))
    sheet[moved : moved + 252, 2 * moved : 2 * moved + 252] = digit
    shade = 255 * (1 - sheet) if paper == "white" else 60 + 150 * sheet
    return shade.astype(np.uint8)


@pytest.mark.parametrize(("tab", "n"), PADS)
@pytest.mark.parametrize(("paper", "moved"), [("white", 10), ("grey", 90)])
def test_a_picture_s_strokes_fill_the_pad_as_mnist_has_them(watch, tab, n, paper, moved):
    page = settled(watch(f"/{tab}?scene={n}&lang=ko").page)
    with page.expect_response(ANSWER) as answer:
        page.locator(".stage .load input").set_input_files(png(written(paper, moved)))
    settled(page)
    side = round(len(sent(answer.value)) ** 0.5)
    drawn = np.array([c == "1" for c in sent(answer.value)]).reshape(side, side)
    wanted = pictures.digits()[0][7] > 0.4  # MNIST's own digit stands as MNIST has digits
    wanted = np.asarray(Image.fromarray(wanted).resize((side, side), Image.Resampling.NEAREST))
    assert (drawn & wanted).sum() > 0.75 * (drawn | wanted).sum()
    assert (bits(page) == drawn).all()


def test_what_is_no_picture_or_blank_is_said(watch):
    tab, n = PADS[0]
    page = settled(watch(f"/{tab}?scene={n}&lang=en", lang="en").page)
    load, said = page.locator(".stage .load input"), page.locator(".stage .load output")
    load.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(said).to_have_text("That is no picture that this browser can read.")
    load.set_input_files(png(np.full((50, 50), 200, np.uint8)))
    expect(said).to_have_text("No strokes can be seen in that picture.")
