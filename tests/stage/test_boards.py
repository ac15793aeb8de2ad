"""Every scene of every tab computes, passes its own checks and says only known words."""

import json
from importlib import import_module

import pytest

from apps import TABS
from apps.stage.server import words
from apps.stage.server.lesson import answers, board_text
from apps.stage.server.takeaway import bare

SCENES = [(tab, i, s) for tab in TABS for i, s in enumerate(words.scenes(tab))]
IDS = [f"{tab}-{i + 1}-{s['view']}" for tab, i, s in SCENES]


def tab_of(name):
    return import_module(f"apps.{name}").TAB


def labels(value):
    """Yield every label with a key in a board."""
    if isinstance(value, dict):
        if isinstance(value.get("k"), str):
            yield value
        for inner in value.values():
            yield from labels(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from labels(inner)


def widgets(value):
    if isinstance(value, dict):
        if "w" in value:
            yield value
        for inner in value.values():
            yield from widgets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from widgets(inner)


def known(language, tab, key):
    names = ("stage", "errors")
    for table in (words.words(language, tab)["words"], *(words.words(language, n) for n in names)):
        at = table
        for name in key.split("."):
            at = at.get(name) if isinstance(at, dict) else None
        if isinstance(at, str):
            return True
    return False


@pytest.mark.parametrize(("tab", "index", "scene"), SCENES, ids=IDS)
def test_a_scene_computes_and_is_checked(tab, index, scene):
    board, *_ = answers(tab_of(tab))
    reply = json.loads(board({"view": scene["view"], "inputs": scene["inputs"]}))
    assert "error" not in reply, reply
    made = reply["ok"]
    assert made["frames"]
    checks = made.get("checks", []) + [c for f in made["frames"] for c in f.get("checks", [])]
    assert checks, "a scene without a check"
    assert all(check["ok"] for check in checks), checks
    for label in labels(made):
        for language in words.LANGUAGES:
            assert known(language, tab, label["k"]), (language, label)
    for widget in widgets(made["frames"]):
        if widget["w"] == "part":
            assert widget["id"] in made["parts"]


@pytest.mark.parametrize(("tab", "index", "scene"), SCENES, ids=IDS)
def test_a_scene_is_the_same_twice(tab, index, scene):
    first, second = (tab_of(tab).board(scene["view"], dict(scene["inputs"])) for _ in range(2))
    assert bare(first) == bare(second)


def test_what_was_computed_is_kept_however_its_numbers_were_written():
    board, *_ = answers(tab_of("rnn"))
    scene = next(s for s in words.scenes("rnn") if s["view"] == "gradients")
    as_sent = {k: int(v) if v == 1.0 else v for k, v in scene["inputs"].items()}
    board({"view": "gradients", "inputs": scene["inputs"]})
    before = board_text.cache_info()
    board({"view": "gradients", "inputs": as_sent})
    after = board_text.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 1)


@pytest.mark.parametrize(("tab", "index", "scene"), SCENES, ids=IDS)
def test_a_scene_shows_controls_that_exist_and_are_worded(tab, index, scene):
    controls = tab_of(tab).controls
    for name in scene.get("controls", []):
        assert name in controls
        spec = controls[name]
        for language in words.LANGUAGES:
            assert known(language, tab, f"control.{name}")
            for option in [] if "labels" in spec else spec.get("options", []):
                assert known(language, tab, f"option.{option}"), option
        if spec["kind"] == "choice":
            assert scene["inputs"][name] in spec["options"]
        if spec["kind"] == "range":
            assert spec["min"] <= scene["inputs"][name] <= spec["max"]


@pytest.mark.parametrize("tab", TABS)
def test_code_drawer_shows_real_source(tab):
    _, code, *_ = answers(tab_of(tab))
    for view in {s["view"] for s in words.scenes(tab)}:
        for one in json.loads(code({"view": view, "inputs": {}}))["ok"]:
            assert one["name"] in one["html"] and one["module"].startswith("core.")


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("ask", [{}, {"view": "no"}, {"view": [], "inputs": {}}, [], None, "x", 3])
def test_a_request_that_makes_no_sense_is_answered(tab, ask, caplog):
    for answer in answers(tab_of(tab)):
        assert json.loads(answer(ask)) == {"error": {"rule": "fault", "parts": {}}}


@pytest.mark.parametrize("rho", [0.2, 1.0, 2.4])
@pytest.mark.parametrize("steps", [2, 50, 200])
def test_norms_are_checked_green_also_where_they_explode(rho, steps):
    inputs = {"rho": rho, "length": steps, "hidden": 32, "seed": 2}
    made = tab_of("rnn").board("gradients", inputs)
    assert all(check["ok"] for check in made["checks"]), made["checks"]
