"""What is touched of Gradio beyond its documents is still there, in the version it was seen in."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from importlib import import_module, metadata
from typing import Any

import gradio as gr
import pytest
from gradio.blocks import BlocksConfig
from gradio.queueing import Event
from gradio.routes import App
from gradio.state_holder import SessionState
from packaging.requirements import Requirement
from packaging.version import Version

from apps import TABS, hub
from apps.stage.server import gradio_internals
from tests.conftest import ROOT

HINT = "look each of gradio_internals.NAMES up in the new version, then set SEEN"


def quietly(build: Callable[[], Any]) -> Any:
    """Build Blocks inside an event loop: outside Gradio opens loops that nobody closes."""

    async def inside() -> Any:
        return build()

    return asyncio.run(inside())


def there(name: str) -> bool:
    """Return whether Gradio has one of `NAMES`."""
    if ":" in name:
        module, _, path = name.partition(":")
        value = import_module(module)
        for part in path.split("."):
            value = getattr(value, part, None)
        return value is not None
    if "(" in name:
        kind, argument = name.rstrip(")").split("(")
        return argument in inspect.signature(getattr(gr, kind).__init__).parameters
    kind, attribute = name.split(".")
    if kind == "Event":  # it wants a request; its attributes are set when it is made
        return f"self.{attribute}" in inspect.getsource(Event.__init__)
    demo = quietly(gr.Blocks)
    return hasattr({"Blocks": demo, "Queue": demo._queue}[kind], attribute)


def test_gradio_is_the_version_in_which_its_internals_were_seen():
    found = metadata.version("gradio")
    seen = gradio_internals.SEEN
    assert found == seen, f"Gradio is {found}, its internals were seen in {seen}: {HINT}"
    assert f"gradio=={seen}" in (ROOT / "requirements.txt").read_text("utf-8").replace("[mcp]", "")


@pytest.mark.parametrize("name", ["starlette", "fastapi", "uvicorn", "gradio-client"])
def test_what_gradio_stands_on_is_held_to_what_was_tried(name):
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    asked = [Requirement(line.split("  #")[0]) for line in lines]
    held = next(one.specifier for one in asked if one.name == name)
    found = Version(metadata.version(name))
    assert found in held
    after = Version(f"{found.major}.{found.minor + 1}")
    assert after not in held, f"{name} {after} was not tried"


@pytest.mark.parametrize("name", gradio_internals.NAMES)
def test_each_private_name_is_there(name):
    use = gradio_internals.NAMES[name]
    assert there(name), f"Gradio {metadata.version('gradio')} has no {name} ({use}): {HINT}"


def test_no_other_file_touches_them():
    private = ("_queue", "LocalContext", "event_ids", "current_page", "demo.pages")
    for path in [*ROOT.glob("apps/**/*.py"), *ROOT.glob("core/**/*.py")]:
        if path.name != "gradio_internals.py":
            text = path.read_text("utf-8")
            assert not [name for name in private if name in text], path


def test_pages_are_the_tabs_each_with_its_own_component_and_endpoints():
    demo = quietly(hub.build)
    assert gradio_internals.paths(demo) == ("/", *(f"/{tab}" for tab in TABS))
    pages = demo.config["page"]
    for tab in hub.tabs_of():
        events = [demo.fns[i].api_name for i in pages[tab.name]["dependencies"]]
        assert len(pages[tab.name]["components"]) >= 1 and set(events) == {
            f.__name__ for f in tab.endpoints
        }
    assert pages[""]["dependencies"] == [] and demo.current_page == ""


def test_the_application_is_not_built_before_the_launch(monkeypatch):
    built = []
    monkeypatch.setattr(App, "create_app", lambda *_, **__: built.append(1))
    quietly(lambda: hub.build("rnn"))
    assert built == []
    quietly(gr.Blocks)  # and what is Gradio's was put back
    assert built


def test_a_path_that_is_taken_is_refused():
    def build() -> None:
        with gr.Blocks() as demo:
            with gradio_internals.page(demo, "One", "one"):
                gr.HTML("one")
            for path in ("one", "login"):
                with pytest.raises(ValueError, match=path):
                    with gradio_internals.page(demo, "Two", path):
                        pass

    quietly(build)


def test_outside_of_the_queue_no_call_is_running():
    assert gradio_internals.running_call() is None


def test_a_component_s_configuration_is_computed_once_for_all_sessions(monkeypatch):
    def build() -> gr.Blocks:
        with gr.Blocks() as demo:
            gr.HTML("a", elem_id="page")
        return demo

    demo, asked = quietly(build), []
    by_gradio = SessionState(demo).config_values
    usual = gr.HTML.get_config
    monkeypatch.setattr(gr.HTML, "get_config", lambda self: asked.append(1) or usual(self))
    monkeypatch.setattr(BlocksConfig, "config_for_block", BlocksConfig.config_for_block)
    gradio_internals.keep_configs()
    first, second = SessionState(demo), SessionState(demo)
    assert first.config_values == second.config_values == by_gradio and len(asked) == 1
    (key,) = (k for k, v in by_gradio.items() if v["props"].get("elem_id") == "page")
    first._update_value_in_config(key, "b")  # what one visitor's answer writes
    assert second.config_values[key]["props"]["value"] == "a"
