"""What a visitor types or a link carries is shown as it was written and never becomes markup."""

import pytest
from playwright.sync_api import expect

from apps import TABS
from apps.hub import tabs_of
from apps.stage.server import words
from tests.browser.links import packed
from tests.browser.test_lessons import settled
from tests.tab_case import TabCase

pytestmark = pytest.mark.browser
IMAGE = "<img src=x onerror=window.pwned=1>"
PIECES = [
    IMAGE,
    '"><script>window.pwned=1</script>',
    "javascript:window.pwned=1",
    "{{7*7}}${window.pwned=1}",
    "</textarea>&lt;b&gt;",
    "\u202e<svg onload=window.pwned=1>",
    "ㅋ" * 300 + IMAGE,
]
MARKS = (
    "img[src=x], .page script, .page iframe, .page textarea,"
    " [onerror], [onload], a[href^=javascript]"
)
CONTROLS = {tab.name: tab.controls for tab in tabs_of()}


def unharmed(page):
    assert page.evaluate("window.pwned") is None
    assert page.locator(MARKS).count() == 0


def dialogs(page):
    """Return the list in which each dialog that opens will be; it is dismissed."""
    opened = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    return opened


def scenes_with_fields(tab):
    """Return the fewest scenes, in order, that show every field of a tab one can type into."""
    fields = {name for name, spec in CONTROLS[tab].items() if spec["kind"] in ("text", "number")}
    left, found = set(fields), []
    for n, scene in enumerate(words.scenes(tab), 1):
        here = left & set(scene.get("controls", []))
        if here:
            left, found = left - here, [*found, n]
    return found or [1]


@pytest.mark.parametrize("tab", TABS)
def test_text_in_every_field_of_a_tab_is_shown_as_it_was_typed(watch, tab):
    scenes = scenes_with_fields(tab)
    page = settled(watch(f"/{tab}?scene={scenes[0]}&lang=ko").page)
    opened = dialogs(page)
    for n in scenes:
        page.locator(".dots button").nth(n - 1).click()
        settled(page)
        keys = page.eval_on_selector_all(
            ".page input.words, .page input.number, .page .m input",
            "all => all.map((field) => field.dataset.key)",
        )
        for i, key in enumerate(keys[:8]):
            field = page.locator(f'[data-key="{key}"]')
            if not field.count():
                continue  # what was typed before took it away
            field.fill(PIECES[(n + i) % len(PIECES)])
            field.press("Enter")
        page.wait_for_selector(".stage:not([aria-busy])", timeout=60_000)
        for alert in page.get_by_role("alert").all():
            assert alert.locator("*").count() == 0 and alert.inner_text()
        unharmed(page)
    assert opened == []


@pytest.mark.parametrize("tab", TABS)
def test_a_link_that_carries_markup_and_wrong_kinds_is_answered(watch, tab):
    scene = TabCase(tab).scenes[0]
    names = [*scene["inputs"], "params", "constructor", "W", "text", "keys", "drawn"]
    wrong = [*PIECES[:3], {"constructor": IMAGE, "__proto__": {"pwned": 1}}, [IMAGE], None]
    for k in range(2):
        changes = {name: wrong[(i + k) % len(wrong)] for i, name in enumerate(names)}
        query = f"?scene={'1' if k else IMAGE}&lang={'en' if k else IMAGE}&step={IMAGE}"
        seen = watch(f"/{tab}{query}&__theme={IMAGE}&in={packed(changes)}")
        unharmed(seen.page)
        expect(seen.page.locator("h1")).to_be_visible()
        assert seen.page.evaluate("({}).pwned") is None


def test_a_sentence_says_markup_literally_and_a_key_of_every_object_too(watch):
    for key in (IMAGE, "constructor", "toString"):
        changes = {"W": [[IMAGE, 0], [0, 1]]} if key == IMAGE else {"preset": key, "cell": key}
        page = watch(f"/rnn?scene=1&lang=en&in={packed(changes)}", lang="en").page
        expect(page.get_by_role("alert")).to_contain_text(key[:30])
        unharmed(page)


def test_a_prompt_a_date_and_a_worksheet_show_markup_as_letters(watch):
    for view, name in (("write", "prompt"), ("translate", "text")):
        scene = next(n for n, s in enumerate(words.scenes("attention"), 1) if s["view"] == view)
        link = f"/attention?scene={scene}&lang=en&in={packed({name: IMAGE, 'count': 8})}"
        for sheet in ("", "&sheet=answers", f"&sheet={IMAGE}"):
            page = watch(link + sheet, lang="en").page
            unharmed(page)
        plain = settled(watch(link, lang="en").page)
        expect(plain.locator(f'[data-key="control.{name}"]')).to_have_value(IMAGE)
        drawn = "".join(plain.locator(".view svg").all_text_contents())
        assert "onerror" in "".join(drawn.split())
