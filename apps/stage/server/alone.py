"""One tab by itself: `python -m apps.<tab>`; `gradio apps/<tab>.py` reloads edited files.

A tab's file ends with these lines; they cost the hub, which imports all tabs, nothing:

    __getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
    if __name__ == "__main__":
        demo = alone.build(TAB)
        alone.run(demo, TAB)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from apps import stopping
from apps.stage.contract import Tab
from apps.stage.server import gradio_internals, serve, words
from apps.stage.server.boards import warm
from apps.stage.server.page import lesson
from core.terminal import settle


def site(tabs: Sequence[Tab], lang: str | None = None, present: bool = False) -> dict[str, Any]:
    """Return the data of every page's header: the tabs, language, mode."""
    return {"lang": lang, "present": present, "tabs": [entry(tab) for tab in tabs]}


def entry(tab: Tab) -> dict[str, Any]:
    """Return a tab's name, week, titles, lines and number of scenes, as menus and cards show
    them.
    """
    text = words.both(tab.name)
    return {
        "name": tab.name,
        "week": text["ko"]["week"],
        "title": {language: text[language]["title"] for language in text},
        "line": {language: text[language]["line"] for language in text},
        "scenes": len(words.scenes(tab.name)),
    }


def title(lang: str | None = None) -> str:
    """Return the title of the browser's window."""
    return words.words(lang or "ko", "stage")["brand_long"]


def build(tab: Tab, *, lang: str | None = None, present: bool = False) -> gr.Blocks:
    """Build one tab's page and endpoints, without the others.

    Args:
        tab: the tab.
        lang: the language to start in, None for the browser's.
        present: whether the page starts in presenting mode.
    """
    with gradio_internals.without_app(), gr.Blocks(title=title(lang)) as demo:
        lesson(tab, site([tab], lang, present))
    return demo


def lazily(tab: Tab) -> Callable[[str], gr.Blocks]:
    """Return a module's `__getattr__` that builds `demo` on first access."""

    def attribute(name: str) -> gr.Blocks:
        if name != "demo":
            raise AttributeError(f"the module of the tab {tab.name!r} has no {name!r}")
        return build(tab)

    return attribute


def run(demo: gr.Blocks, tab: Tab) -> None:
    """Serve a tab until it is stopped, where GRADIO_SERVER_NAME and GRADIO_SERVER_PORT say.

    Gradio's reload mode runs the tab's file once more in a thread after each edit; what is built
    there takes the place of the served one, and nothing is to be started.
    """
    if gradio_internals.is_reloading(demo):
        return
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    settle()
    over = stopping.watch_signals()
    url = serve.launch(demo, os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), 0)
    print(f"{url.rstrip('/')}  (Ctrl-C stops)", flush=True)
    serve.in_background(lambda: warm(tab))
    over.wait()
    demo.close(verbose=False)
    stopping.end()
