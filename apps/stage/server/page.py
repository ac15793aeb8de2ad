"""A page: one gr.HTML component, drawn by a script of web/ from the values that it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from apps.stage.contract import Tab
from apps.stage.declare import former_names
from apps.stage.server import words
from apps.stage.server.api import endpoint
from apps.stage.server.boards import scenes
from apps.stage.server.lanes import page_functions
from apps.stage.server.serve import STAGE

MOUNT = """
import(new URL("%s/joined.js", document.baseURI).href)
  .then(({ load }) => load("%s").mount(element, props.value, server))
  .catch((error) => {
    const page = element.querySelector(".page");
    page.removeAttribute("aria-busy");
    if (!page.childElementCount) page.textContent =
      `이 페이지를 열지 못했습니다. 브라우저를 새 버전으로 바꿔 보세요. · This page could not be
      opened; try a newer browser. (${error.message})`;
    throw error;
  });
"""


def page(value: Mapping[str, Any], script: str, functions: Sequence[Callable[..., Any]]) -> gr.HTML:
    """Lay a page into the open Blocks; `script` draws `value`, `functions` answer the script.

    No subclass of gr.HTML: Gradio would write a stub file beside this source.
    """
    return gr.HTML(
        dict(value),
        html_template='<div class="page" aria-busy="true"></div>',
        js_on_load=MOUNT % (STAGE, script),
        apply_default_css=False,
        server_functions=list(functions),
        elem_id="page",
    )


def lesson_value(tab: Tab[Any], site: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a tab's page is drawn from; `site` as of `lesson`."""
    return {
        **site,
        "here": tab.name,
        "scenes": scenes(tab),
        "controls": tab.controls,
        "renamed": former_names(tab.inputs),
        "text": words.both(tab.name),
        "stage": words.both("stage"),
        "errors": words.both("errors"),
    }


def lesson(tab: Tab[Any], site: Mapping[str, Any]) -> None:
    """Lay one tab into the open Blocks: its page and its API endpoints.

    Args:
        tab: the tab.
        site: what the header needs: {"tabs": [...], "lang": str | None, "present": bool}.
    """
    page(lesson_value(tab, site), "lesson.js", page_functions(tab))
    for function in tab.endpoints:
        sampling = function.__name__.endswith("_sample")
        gr.api(  # pyright: ignore[reportPrivateImportUsage]
            endpoint(function),
            api_name=function.__name__,
            queue=sampling,  # a line of its own: the caller hears a rank, an estimate, progress
            concurrency_id="sampling" if sampling else None,
            concurrency_limit=1 if sampling else None,
        )
