"""A real browser pages through every scene, in both languages, and meets no error and no outside
request.
"""

import json
import re
import urllib.parse

import pytest
from playwright.sync_api import expect

from apps import TABS
from apps.stage.server import words
from tests.browser.links import packed

pytestmark = pytest.mark.browser
LANGUAGES = words.LANGUAGES


def settled(page):
    """Wait until the board of the scene is drawn and nothing is being computed."""
    page.wait_for_selector(".fit > *")
    page.wait_for_selector(".stage:not([aria-busy])", timeout=120_000)  # 784 passes, on any machine
    return page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("tab", TABS)
def test_the_keyboard_pages_through_every_scene_and_each_fits(watch, tab, lang):
    seen = watch(f"/{tab}?lang={lang}", lang=lang)
    page = seen.page
    scenes = words.words(lang, tab)["scene"]
    for n, scene in enumerate(scenes, 1):
        expect(page.locator("h1")).to_have_text(plain(scene["claim"]))
        expect(page.locator(".ask")).to_contain_text(plain(scene["ask"]))
        settled(page)
        expect(page.locator(".facts .ok").first).to_be_visible(timeout=15000)
        expect(page.locator(".facts .bad-check")).to_have_count(0)
        expect(page).to_have_url(re.compile(rf"scene={n}\b"))
        assert_fits(page, n)
        page.keyboard.press("Space")
        expect(page.locator(".told")).to_have_text(plain(scene["answer"]))
        if n < len(scenes):
            page.keyboard.press("ArrowRight" if n % 2 else "PageDown")
    page.keyboard.press("PageUp" if tab == "world" else "ArrowLeft")  # arrows play its game
    expect(page.locator("h1")).to_have_text(plain(scenes[-2]["claim"]))
    title = f"{words.words(lang, tab)['title']} · {words.words(lang, 'stage')['brand']}"
    expect(page).to_have_title(title)
    assert page.evaluate("document.documentElement.lang") == lang


def plain(text):
    """Return a scene's text as the page shows it: equations unbroken, subscripts set."""
    return re.sub(r"_(\{[^}]+\}|\w(?!\w))", lambda m: m[1].strip("{}"), text).replace(
        " = ", "\u00a0=\u00a0"
    )


# Waits until the stage has kept its place for some frames: fonts and facts let it fit anew.
STILL = """async () => {
  await document.fonts.ready;
  for (let last = "", same = 0, frames = 0; same < 5 && frames < 600; frames++) {
    const { x, y, width, height } = document.querySelector(".fit").getBoundingClientRect();
    const now = [x, y, width, height].join();
    same = now === last ? same + 1 : 0;
    last = now;
    await new Promise(requestAnimationFrame);
  }
}"""


def assert_fits(page, n):
    """Hold that nothing is wider or taller than the window, and no picture spills."""
    page.evaluate(STILL)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (n, "wide")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), (n, "tall")
    spill = page.evaluate(
        """() => { const a = document.querySelector('.view').getBoundingClientRect();
        const b = document.querySelector('.fit').getBoundingClientRect();
        return Math.max(a.left - b.left, b.right - a.right,
                        a.top - b.top, b.bottom - a.bottom) }"""
    )
    assert spill <= 1, (n, spill)


def number(tab, view):
    """Return the first scene of a view, from 1."""
    return 1 + [scene["view"] for scene in words.scenes(tab)].index(view)


def test_stepping_and_scrubbing_ask_the_server_nothing(watch):
    seen = watch(f"/rnn?scene={number('rnn', 'backward')}&lang=ko")
    page = settled(seen.page)
    page.wait_for_load_state("networkidle")
    before = len(seen.asked)
    for key in (",", ".", ".", "k"):
        page.keyboard.press(key)
    expect(page.locator(".bar .play")).to_have_attribute("aria-label", "멈춤")
    page.keyboard.press("k")
    page.locator(".bar input").fill("3")
    expect(page.locator(".bar output")).to_have_text("3 / 18")
    page.locator(".bar button", has_text="½").click()
    assert without_fonts(seen.asked[before:]) == []


def test_language_and_theme_switch_without_losing_what_is_on_screen(watch):
    scene = number("rnn", "backward")
    seen = watch(f"/rnn?scene={scene}&lang=ko&step=9")
    page = settled(seen.page)
    before = len(seen.asked)
    numbers = page.locator(".stage .m td").all_inner_texts()
    page.get_by_role("button", name="English로 보기").click()
    claim = words.words("en", "rnn")["scene"][scene - 1]["claim"]
    expect(page.locator("h1")).to_have_text(plain(claim))
    expect(page.locator(".bar output")).to_have_text("9 / 18")
    assert page.locator(".stage .m td").all_inner_texts() == numbers
    page.get_by_role("button", name="Light / dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert without_fonts(seen.asked[before:]) == []
    assert "lang=en" in page.url and "__theme=dark" in page.url


def without_fonts(urls):
    """Fonts come in pieces as new letters appear; all else is computed in the browser."""
    return [url for url in urls if not url.endswith(".woff2")]


def entry(page, name):
    return page.locator(f'[data-key="{name}"]')


def test_a_link_carries_changed_inputs_to_a_second_browser(watch):
    first = watch("/rnn?scene=1&lang=ko")
    page = settled(first.page)
    entry(page, "W.0.1").fill("0.5")
    entry(page, "xs.0.1").fill("−1.25")
    page.keyboard.press("Enter")
    expect(entry(page, "xs.0.1")).to_have_value("−1.25")
    page.locator(".ctl input[type=checkbox]").first.check()
    expect(page.locator(".facts")).to_contain_text("반올림")
    page.keyboard.press("Escape")
    page.locator(".bar button").nth(2).click()
    expect(page).to_have_url(re.compile("in=.*step=1|step=1.*in="))
    link = urllib.parse.urlsplit(page.url)
    second = watch(f"{link.path}?{link.query}")
    settled(second.page)
    expect(entry(second.page, "W.0.1")).to_have_value("0.500")
    assert second.page.locator(".stage").inner_text() == page.locator(".stage").inner_text()
    page.reload()
    settled(page)
    expect(entry(page, "xs.0.1")).to_have_value("−1.25")


def test_a_damaged_link_is_said_and_the_scene_starts_from_its_preset(watch):
    page = watch("/rnn?scene=1&lang=ko&in=%25%25broken").page
    expect(page.get_by_role("alert")).to_have_text(words.words("ko", "errors")["link"])
    expect(entry(page, "W.0.1")).to_have_value("0.130")


@pytest.mark.parametrize(
    ("lang", "typed", "said"),
    [
        ("ko", "abc", 'W의 [1, 2] 자리에 "abc"'),
        ("en", "1e999", "W holds"),
        ("en", "", "W holds"),
        ("ko", "<img src=x onerror=alert(1)>", "W의"),
    ],
)
def test_a_wrong_entry_is_said_and_stays_as_it_was_typed(watch, lang, typed, said):
    page = settled(watch(f"/rnn?scene=1&lang={lang}", lang=lang).page)
    entry(page, "W.0.1").fill(typed)
    entry(page, "W.0.1").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(entry(page, "W.0.1")).to_have_value(typed)
    expect(entry(page, "W.0.1")).to_have_attribute("aria-invalid", "true")
    entry(page, "W.1.1").fill("0.25")
    entry(page, "W.1.1").press("Enter")
    expect(entry(page, "W.0.1")).to_have_value(typed)  # both wait for the wrong one
    entry(page, "W.0.1").fill("0.13")
    entry(page, "W.0.1").press("Enter")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(entry(page, "W.1.1")).to_have_value("0.250")
    assert page.locator("img").count() == 0


@pytest.mark.parametrize(("before", "alerts"), [("0.25", 0), ("abc", 1)])
@pytest.mark.parametrize("leave", ["Enter", "Tab"])
def test_what_is_being_typed_outlives_an_answer(watch, before, alerts, leave):
    page = settled(watch("/rnn?scene=1&lang=ko").page)
    asked, held = [], []
    page.route(re.compile("component_server"), lambda route: held.append(route), times=1)
    page.on("request", lambda one: "component_server" in one.url and asked.append(one))
    entry(page, "W.1.1").fill(before)
    with page.expect_request(re.compile("component_server")):
        entry(page, "W.1.1").press("Enter")
    entry(page, "W.0.1").fill("")
    entry(page, "W.0.1").press_sequentially("-")
    expect(entry(page, "W.0.1")).to_have_value("-")
    stage = page.locator(".stage .m").first.element_handle()
    (first,) = held
    first.continue_()
    page.wait_for_function("one => !one.isConnected", arg=stage)  # the answer was drawn
    expect(page.get_by_role("alert")).to_have_count(alerts)
    entry(page, "W.0.1").press_sequentially("0.17")
    expect(entry(page, "W.0.1")).to_have_value("-0.17")
    assert len(asked) == 1  # what is half typed was not asked about
    entry(page, "W.0.1").press(leave)
    expect(entry(page, "W.0.1")).to_have_value("-0.17" if alerts else "−0.170")


def test_a_wrong_size_names_the_field_and_stays(watch):
    page = settled(watch("/rnn?scene=3&lang=ko").page)
    page.get_by_text("무작위", exact=True).click()
    hidden = page.locator('[data-key="control.hidden"]')
    hidden.fill("99")
    hidden.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("‘은닉 크기’ 값이 99입니다")
    expect(hidden).to_have_value("99")
    hidden.fill("8")
    hidden.press("Enter")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_share_is_shown_in_percent(watch):
    page = settled(watch("/vae?scene=6&lang=en").page)
    noise = page.locator('[data-key="control.noise"]')
    expect(noise).to_have_attribute("aria-valuetext", "30 %")
    expect(page.locator("label", has=noise).locator("output")).to_have_text("30 %")


def test_what_is_refused_is_seen_to_be_stale(watch):
    page = settled(watch(f"/rnn?scene={number('rnn', 'gradients')}&lang=en", lang="en").page)
    length = page.locator('[data-key="control.length"]')
    length.fill("two")
    length.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text('‘Length’ is "two"')
    expect(page.locator(".show.stale")).to_have_count(1)
    length.fill("60")
    length.press("Enter")
    expect(page.locator(".show.stale")).to_have_count(0)
    expect(page.locator(".claim .changed")).to_be_visible()
    page.get_by_role("button", name="Back to the preset").click()
    expect(page.locator(".claim .changed")).to_be_hidden()


@pytest.mark.parametrize("drawer", ["turn", "code", "take"])
def test_an_open_drawer_leaves_the_whole_picture_in_sight(watch, drawer):
    page = settled(watch("/rnn?scene=1&lang=ko").page)
    page.locator(".more button").nth(["turn", "code", "take"].index(drawer)).click()
    expect(page.locator(".drawer > *")).to_be_visible()
    expect(page.locator(".drawer [aria-busy]")).to_have_count(0)
    for box in page.locator(".stage .m").all():
        edge = page.locator(".stage .bar").bounding_box()
        here = box.bounding_box()
        assert edge and here and here["y"] + here["height"] <= edge["y"] + 1
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_your_turn_hides_marks_and_reveals(watch):
    page = settled(watch("/rnn?scene=1&lang=ko").page)
    page.get_by_role("button", name="내 차례").click()
    expect(page.locator(".stage .hiding")).to_have_count(10)  # h1 twice, o1, y1
    answers = ["0.0937", "0.1342", "−0.0081", "-0.0089", "0.006", "0.3312", "0.3309", "0.3379"]
    for field, text in zip(page.locator(".blank").all(), answers):
        field.fill(text)
    page.get_by_role("button", name="채점").click()
    expect(page.locator(".turn .marks")).to_contain_text("8개 가운데 7개")
    expect(page.locator('.blank[data-mark="wrong"]')).to_have_count(1)
    page.locator('.blank[data-mark="wrong"]').fill("0.0118")
    page.keyboard.press("Enter")
    expect(page.locator(".turn .marks")).to_contain_text("8개 가운데 8개")
    expect(page.locator(".stage .hiding")).to_have_count(0)


def test_the_worksheet_has_blanks_and_its_answer_sheet_values(watch):
    blank = watch("/rnn?scene=1&lang=en&sheet=blank").page
    expect(blank.locator(".sheet")).to_be_visible()
    assert blank.locator(".sheet .paper").all_inner_texts() == [""] * 8
    solved = watch("/rnn?scene=1&lang=en&sheet=answers").page
    expect(solved.locator(".sheet .paper").first).to_have_text("0.0937")
    expect(solved.locator(".sheet")).to_contain_text(
        plain(words.words("en", "rnn")["scene"][0]["answer"])
    )


def test_code_and_files_come_out_of_the_drawers(watch, tmp_path):
    page = settled(watch("/rnn?scene=1&lang=ko").page)
    page.get_by_role("button", name="코드").click()
    expect(page.locator(".code pre").first).to_contain_text("def rnn_step")
    page.get_by_role("button", name="가져가기").click()
    for kind, start in (("SVG", b"<?xml"), ("PNG", b"\x89PNG"), ("GIF", b"GIF8"), ("JSON", b"{")):
        with page.expect_download(timeout=60000) as download:
            page.locator(".take button", has_text=kind).click()
        download.value.save_as(tmp_path / kind)
        assert (tmp_path / kind).read_bytes().startswith(start)
    assert "W" in json.loads((tmp_path / "JSON").read_text())["tables"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_home_maps_six_weeks_and_leads_to_every_tab(watch, lang):
    page = watch(f"/?lang={lang}", lang=lang).page
    expect(page.locator(".card")).to_have_count(len(TABS))
    expect(page.locator(".course > li")).to_have_count(6)
    titles = {words.words(lang, tab)["title"] for tab in TABS}
    for links in (page.locator(".top nav a b"), page.locator(".course .lesson")):
        found = links.all_text_contents()
        assert set(found) == titles and len(found) == len(titles)
    for picture in page.locator(".card .pic").all():
        assert picture.locator(".fit > *").count() == 1
    page.locator(".card").first.click()
    expect(page.locator("h1")).to_have_text(plain(words.words(lang, TABS[0])["scene"][0]["claim"]))
    page.locator(".brand").click()
    expect(page.locator(".card")).to_have_count(len(TABS))


def test_presenting_by_key_shows_stage_and_claim_only(watch):
    page = settled(watch("/rnn?scene=1&lang=ko").page)
    page.keyboard.press("f")
    expect(page).to_have_url(re.compile("present=1"))
    for hidden in (".ctl", ".more", ".top nav"):
        expect(page.locator(hidden)).to_be_hidden()
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)")
    assert size >= 32
    page.keyboard.press("Escape")
    expect(page.locator(".ctl")).to_be_visible()


def test_a_lone_lesson_has_no_weeks_and_says_that_its_server_is_gone(browser):
    from tests.conftest import Watch, start

    process, url, _ = start("rnn")
    seen = Watch(browser, url)
    page = settled(seen.open("/?scene=1&lang=ko"))
    expect(page.locator(".brand")).to_be_visible()
    expect(page.locator(".week")).to_have_count(0)
    process.terminate()
    process.wait(timeout=20)
    entry(page, "W.0.1").fill("0.5")
    entry(page, "W.0.1").press("Enter")
    expect(page.get_by_role("alert")).to_have_text(words.words("ko", "errors")["unreachable"])
    expect(entry(page, "W.0.1")).to_have_value("0.5")
    seen.context.close()


def test_a_probe_is_drawn_by_keyboard_and_by_pointer_and_survives_a_reload(watch):
    page = settled(watch("/hopfield?scene=3&lang=ko").page)
    grid = page.locator(".cells.draw").first
    on = grid.locator("i.on")
    before = on.count()
    grid.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")  # draws, and does not turn the page
    expect(grid.locator("i").nth(1)).to_have_class(re.compile("on"))
    expect(on).to_have_count(before + 1)
    expect(page.locator(".dots")).to_contain_text("3 /")
    expect(page).to_have_url(re.compile("in="))
    one = page.url
    grid.locator("i").nth(62).click()
    expect(on).to_have_count(before + 2)
    expect(page).not_to_have_url(one)  # the link holds the second cell too
    drawn = grid.locator("i.on").count()
    page.reload()
    settled(page)
    expect(page.locator(".cells.draw").first.locator("i.on")).to_have_count(drawn)


def test_a_long_experiment_shows_progress_and_stops_at_once(watch):
    seen = watch(f"/hopfield?scene={number('hopfield', 'capacity')}&lang=ko")
    page = settled(seen.page)
    bar = page.locator(".progress")
    expect(bar).to_be_hidden(timeout=60000)  # the preset runs to its end
    page.locator('[data-key="control.seed"], [data-key="control.seeds"]').first.focus()
    page.keyboard.press("ArrowRight")
    expect(bar).to_be_visible()
    expect(bar).to_contain_text("계산함")
    page.get_by_role("button", name="중단").click()
    expect(bar).to_be_hidden()
    page.wait_for_load_state("networkidle")
    asked = len(seen.asked)
    page.wait_for_timeout(600)
    assert len(seen.asked) == asked
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_kept_link_with_an_input_s_former_name_still_opens(watch):
    scene = number("ddpm", "guide")
    page = settled(
        watch(f"/ddpm?scene={scene}&lang=en&in={packed({'class': '7'})}", lang="en").page
    )
    expect(page.locator('[data-key="control.label"]')).to_have_value("7")
    expect(page.locator(".alert")).to_be_empty()
