"""The joined script in a browser: each module gives what it gives when it is imported alone."""

import re

import pytest

from apps.stage.server.serve import STAGE, WEB

pytestmark = pytest.mark.browser
JOINED = f"/{STAGE}/joined.js"


def test_a_joined_module_gives_what_the_module_gives(watch):
    page = watch("/rnn?scene=1&lang=en").page
    names = sorted(path.relative_to(WEB).as_posix() for path in WEB.rglob("*.js"))
    alone, joined = page.evaluate(
        """async ([names, joined, folder]) => {
            const { load } = await import(joined);
            const tell = (given) => Object.entries(given).map(
                ([name, one]) => `${name}: ${typeof one} ${typeof one === "function" ? one : ""}`
            ).sort();
            const both = [[], []];
            for (const name of names) {
                both[0].push(tell(await import(`${folder}/${name}`)));
                both[1].push(tell(load(name)));
            }
            return both;
        }""",
        [names, JOINED, f"/{STAGE}"],
    )
    assert joined == alone


def test_a_page_asks_for_the_joined_files_alone(watch):
    asked: list[str] = []
    page = watch("/").page
    page.on("request", lambda one: asked.append(one.url))
    page.goto(page.url.split("?")[0].rstrip("/") + "/rnn?scene=1&lang=en")
    page.wait_for_selector(".page:not([aria-busy])")
    own = [url.rpartition("/")[2] for url in asked if f"/{STAGE}/" in url and "/fonts/" not in url]
    assert sorted(own) == ["joined.css", "joined.js"]


@pytest.mark.parametrize("theme, ground", [("dark", 0), ("light", 255)])
def test_a_page_has_its_theme_before_any_script_of_gradio_runs(watch, theme, ground):
    page = watch("/").page
    page.route("**/assets/*.js", lambda route: None)  # they never come
    page.goto(page.url.split("?")[0].rstrip("/") + f"/rnn?__theme={theme}", wait_until="commit")
    page.wait_for_function(
        "[...document.styleSheets].some((one) => one.href?.endsWith('/joined.css'))"
    )
    said = page.evaluate("getComputedStyle(document.body).backgroundColor")
    shades = [int(one) for one in re.findall(r"\d+", said)]
    assert all(abs(one - ground) < 64 for one in shades), said
