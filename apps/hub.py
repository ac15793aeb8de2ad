"""The hub: a home page that maps six weeks, and one route per tab."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import gradio as gr

from apps import TABS, home_hero
from apps.stage import Tab, lesson, page
from apps.stage.server import alone, gradio_internals, home_card, words
from apps.stage.server.boards import warm


def build(only: str | None = None, *, lang: str | None = None, present: bool = False) -> gr.Blocks:
    """Return the hub, or one tab alone.

    Args:
        only: a name of `TABS`, or None for the hub.
        lang: the language to start in, None for the browser's.
        present: whether pages start in presenting mode.
    """
    tabs = tabs_of(only)
    if only:
        return alone.build(tabs[0], lang=lang, present=present)
    site = alone.site(tabs, lang, present)
    with gradio_internals.without_app(), gr.Blocks(title=alone.title(lang)) as demo:
        home(tabs, site)
        for tab in tabs:
            with gradio_internals.page(demo, words.words("en", tab.name)["title"], tab.name):
                lesson(tab, site)
    return demo


def tabs_of(only: str | None = None) -> list[Tab]:
    """Return one tab, or all of them in the hub's order."""
    return [import_module(f"apps.{name}").TAB for name in ((only,) if only else TABS)]


def warm_up(only: str | None = None) -> None:
    """Compute all scenes' boards ahead."""
    for tab in tabs_of(only):
        warm(tab)


def home(tabs: list[Tab], site: dict[str, Any]) -> None:
    """Lay the home page into the open Blocks: a card a tab, with a picture out of it."""
    page(home_value(tabs, site), "home.js", [])


def home_value(tabs: list[Tab], site: dict[str, Any]) -> dict[str, Any]:
    """Return what the home page is drawn from."""
    return {
        **site,
        "here": "",
        "text": words.both("hub"),
        "stage": words.both("stage"),
        "hero": home_hero.read(),
        "tabs": [
            {
                **alone.entry(tab),
                "picture": home_card.picture(tab.name),
                "topics": topics(tab.name),
            }
            for tab in tabs
        ],
    }


def topics(tab: str) -> list[dict[str, Any]]:
    """Return what a lesson's scenes teach: the week that names it, the scene, its name in each
    language. It is `topic` in a scene's words, and `week` in scenes.toml where the week is not the
    lesson's own.
    """
    text = words.both(tab)
    return [
        {
            "week": scene.get("week", text["ko"]["week"]),
            "scene": n + 1,
            "title": {language: text[language]["scene"][n]["topic"] for language in text},
        }
        for n, scene in enumerate(words.scenes(tab))
        if "topic" in text["ko"]["scene"][n]
    ]
