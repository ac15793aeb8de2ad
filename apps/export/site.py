"""Write the static site: a page a lesson, its boards beside it, the browser half as it is.

index.html  <tab>/index.html            pages; each carries what the server would tell it
<tab>/<scene>/<n>.json                  boards
<tab>/<scene>/code.json  <lang>.<kind>  sources and files of the preset
stage/<version>/                        the browser half
sw.js                                   keeps all of it for the next visit without a network
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from apps import hub
from apps.export import recorded
from apps.stage.contract import Tab
from apps.stage.server import alone, page, serve, words
from apps.stage.server.boards import scenes

SHELL = """<!doctype html>
<html lang="{lang}" data-recorded>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<base href="{base}">
<link rel="icon" href="data:,">
<title>{title}</title>
{head}
</head>
<body>
<main id="page"><div class="page" aria-busy="true"></div></main>
<script type="application/json" id="site">{site}</script>
<script>
if (location.protocol === "file:") {{ // browsers load no module from there
  const page = document.querySelector(".page");
  page.textContent = {from_file};
  page.removeAttribute("aria-busy");
}}
</script>
<script type="module">
import {{ load }} from "./{stage}/joined.js";
const site = JSON.parse(document.getElementById("site").textContent);
const server = load("recorded.js").recorded(site);
load("{script}").mount(document.getElementById("page"), site, server);
if ("serviceWorker" in navigator) navigator.serviceWorker.register("sw.js").catch(() => null);
</script>
</body>
</html>
"""


def write(folder: Path, tabs: Sequence[str], lang: str | None = None) -> None:
    """Write the site of some lessons into a folder, and print each scene's size.

    Args:
        folder: made if it is not there; what the last export wrote there is replaced.
        tabs: names of `apps.TABS`.
        lang: the language to start in, None for the browser's.
    """
    shown = [hub.tabs_of(name)[0] for name in tabs]
    site = alone.site(shown, lang)
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*tabs, "stage"):
        shutil.rmtree(folder / old, ignore_errors=True)
    shutil.copytree(serve.WEB, folder / serve.STAGE)
    for name, text in serve.JOINED.items():
        (folder / serve.STAGE / name).write_text(text(), "utf-8")
    (folder / "index.html").write_text(shell(hub.home_value(shown, site), "home.js", "./"), "utf-8")
    total = 0
    for tab in shown:
        total += write_lesson(folder, tab, site)
    (folder / "sw.js").write_text(worker(folder), "utf-8")
    print(f"{folder}: {total / 1e6:.2f} MB of boards, compressed", flush=True)


def write_lesson(folder: Path, tab: Tab[Any], site: Mapping[str, Any]) -> int:
    """Write a lesson's page, boards and files; return its boards' size in bytes, compressed."""
    value = page.lesson_value(tab, site)
    total, told = 0, []
    for n, scene in enumerate(scenes(tab)):
        place = folder / tab.name / str(n + 1)
        place.mkdir(parents=True)
        one = recorded.record(tab, scene)
        for i, text in enumerate(one.boards.values()):
            (place / f"{i}.json").write_text(text, "utf-8")
        for language in words.LANGUAGES:
            for kind, data in recorded.files(tab, scene, language).items():
                name = "code.json" if kind == "code" else f"{language}.{kind}"
                (place / name).write_bytes(data)
        told.append({"boards": [json.loads(key) for key in one.boards], "controls": one.controls})
        total += one.size
        print(
            f"{tab.name} {n + 1}: {len(one.boards)} boards, {one.size / 1e3:.0f} kB compressed,"
            f" {one.left_out} left out",
            flush=True,
        )
    whole = {**value, "recorded": told}
    (folder / tab.name / "index.html").write_text(shell(whole, "lesson.js", "../"), "utf-8")
    return total


def shell(value: Mapping[str, Any], script: str, base: str) -> str:
    """Return a page's HTML.

    Args:
        value: what the page's script draws.
        script: which script.
        base: the way from the page to the site's top.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return SHELL.format(
        lang=value.get("lang") or "ko",
        base=base,
        title=escape(alone.title(value.get("lang"))),
        head=serve.HEAD,
        from_file=json.dumps(from_file(value.get("lang")), ensure_ascii=False),
        site=text.replace("<", "\\u003c"),  # no text of ours may end the element
        stage=serve.STAGE,
        script=script,
    )


def from_file(lang: str | None) -> str:
    """Return what a page says that was opened as a file, in a language or in both."""
    shown = [lang] if lang else words.LANGUAGES
    return " ".join(words.words(one, "hub")["from_file"] for one in shown)


def worker(folder: Path) -> str:
    """Return the service worker: it keeps every file of the site, under a name of its content."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "sw.js")
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.read_bytes())
    names = [p.relative_to(folder).as_posix() for p in paths]
    pages = [name.removesuffix("index.html") for name in names]
    source = Path(__file__).with_name("worker.js").read_text("utf-8")
    name = json.dumps(whole.hexdigest()[:16])
    return f"const NAME = {name};\nconst FILES = {json.dumps(pages)};\n{source}"
