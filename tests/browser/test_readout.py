"""What a point of a chart or a plane says, to the pointer and to the arrow keys."""

import re

import pytest
from playwright.sync_api import expect

from apps import TABS
from tests.browser.test_lessons import settled
from tests.tab_case import TabCase, widgets

pytestmark = pytest.mark.browser
NUMBER = r"[−\d.e]+"
PAIR = re.compile(rf"\(({NUMBER}), ({NUMBER})\)$")
BOX = ".stage .sheetlet:has(> .readout)"


def first_scene(kind, fits):
    """Return (tab, number, widget) of the first scene that shows such a widget at its start."""
    for tab in TABS:
        case = TabCase(tab)
        for n, scene in enumerate(case.scenes, 1):
            board = case.asked(scene)
            frame = board["frames"][scene.get("start", 0)]
            found = [one for one in widgets(frame, kind) if fits(one)]
            if found:
                return tab, n, found[0]
    raise AssertionError(kind)


def pair(text):
    """Return the two numbers that a point reads."""
    found = PAIR.search(text)
    assert found, text
    return [float(v.replace("−", "-")) for v in found.groups()]


def told(page):
    return page.locator(f"{BOX} .readout").first


def reached(page):
    """Put the keyboard on the first picture that can be read."""
    page.keyboard.press("Tab")  # from here on the focus is a keyboard's
    page.locator(f"{BOX}[tabindex]").first.focus()
    expect(told(page)).to_be_visible()
    return page


def hovered(page, ring=".reads"):
    """Move the pointer to where the ring stands."""
    box = page.locator(f"{BOX} {ring}").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_the_arrow_keys_walk_along_a_curve_and_to_the_next(watch):
    tab, n, chart = first_scene("chart", lambda one: len(one["series"]) > 1 and not one["spots"])
    page = reached(settled(watch(f"/{tab}?scene={n}&lang=en", lang="en").page))
    first, second = (
        [(s["x"][i] if s["x"] else i, y) for i, y in enumerate(s["y"]) if y is not None]
        for s in chart["series"][:2]
    )
    for k in range(3):
        assert pair(told(page).text_content()) == pytest.approx(first[k], rel=1e-3, abs=1e-12)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    x, y = pair(told(page).text_content())
    assert any((x, y) == pytest.approx(point, rel=1e-3, abs=1e-12) for point in second)
    assert abs(x - first[2][0]) <= min(abs(p[0] - first[2][0]) for p in second) + 1e-9
    expect(page.locator(".unseen")).to_have_text(told(page).text_content())
    page.keyboard.press("Period")  # steps of the scene still go on
    expect(told(page)).to_be_visible()


def test_the_pointer_reads_the_point_that_it_stands_on(watch):
    tab, n, _ = first_scene("chart", lambda one: len(one["series"]) > 1)
    page = reached(settled(watch(f"/{tab}?scene={n}&lang=ko").page))
    page.keyboard.press("ArrowRight")
    said = told(page).text_content()
    page.evaluate("document.activeElement.blur()")
    expect(told(page)).to_be_hidden()
    page.locator(f"{BOX} .reads").first.evaluate("(ring) => { ring.hidden = false; }")
    hovered(page)
    expect(told(page)).to_have_text(said)
    page.mouse.move(1, 1)
    expect(told(page)).to_be_hidden()


def test_a_plane_reads_its_points_and_the_place_under_the_pointer(watch):
    def dotted(one):
        dots = [layer for layer in one["layers"] if layer["layer"] == "dots"]
        return not one.get("edit") and dots and not isinstance(dots[0]["at"], str)

    tab, n, plane = first_scene("field", dotted)
    page = reached(settled(watch(f"/{tab}?scene={n}&lang=en", lang="en").page))
    dots = next(layer for layer in plane["layers"] if layer["layer"] == "dots")
    found = pair(told(page).text_content())
    assert any(found == pytest.approx(point, rel=1e-2, abs=1e-12) for point in dots["at"])
    hovered(page)
    assert pair(told(page).text_content()) == found
    x0, x1, y0, y1 = plane["bounds"]
    canvas = page.locator(f"{BOX} canvas").first.bounding_box()
    for u, v in ((0.03, 0.03), (0.97, 0.97), (0.03, 0.97)):
        page.mouse.move(canvas["x"] + u * canvas["width"], canvas["y"] + v * canvas["height"])
        wanted = x0 + u * (x1 - x0), y1 - v * (y1 - y0)
        assert pair(told(page).text_content()) == pytest.approx(wanted, abs=0.02 * (x1 - x0))


def test_the_arrow_keys_walk_over_a_plane_without_points(watch):
    def bare(one):
        return not one.get("edit") and not [x for x in one["layers"] if x["layer"] == "dots"]

    tab, n, plane = first_scene("field", bare)
    page = reached(settled(watch(f"/{tab}?scene={n}&lang=en", lang="en").page))
    x0, x1, y0, y1 = plane["bounds"]
    x, y = pair(told(page).text_content())
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    moved = pair(told(page).text_content())
    assert moved == pytest.approx((x + (x1 - x0) / 41, y - (y1 - y0) / 41), abs=0.01 * (x1 - x0))


def test_a_plane_that_is_drawn_into_keeps_its_keys_and_reads_the_pointer(watch):
    tab, n, plane = first_scene("field", lambda one: one.get("edit"))
    page = settled(watch(f"/{tab}?scene={n}&lang=en", lang="en").page)
    canvas = page.locator(".stage canvas.draw").first
    assert canvas.locator("xpath=..").get_attribute("tabindex") is None
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    x0, x1, y0, y1 = plane["bounds"]
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    read = canvas.locator("xpath=..").locator(".readout")
    assert pair(read.text_content()) == pytest.approx(middle, abs=0.1 * (x1 - x0))
