"""Every scene of every tab computes, passes its own checks and says only known words."""

import dataclasses
import json
from typing import Any

import pytest

from apps import TABS
from apps.stage.contract import Control
from apps.stage.declare import controls, declarations, parse
from apps.stage.server import words
from apps.stage.server.boards import answers, as_json, canonical, kept_board
from apps.stage.server.takeaway import bare
from core.inputs import InputError
from tests.tab_case import TabCase, checks, labels, widgets

CASES = {name: TabCase(name) for name in TABS}
SCENES = [(tab, i) for tab in TABS for i in range(len(words.scenes(tab)))]
IDS = [f"{tab}-{i + 1}-{words.scenes(tab)[i]['view']}" for tab, i in SCENES]
each_scene = pytest.mark.parametrize(("tab", "index"), SCENES, ids=IDS)
each_tab = pytest.mark.parametrize("tab", TABS)


def board_of(tab, view, inputs):
    return json.loads(answers(CASES[tab].tab)[0]({"view": view, "inputs": inputs}))


@each_scene
def test_a_scene_computes_and_is_checked(tab, index):
    scene = CASES[tab].scenes[index]
    reply = board_of(tab, scene["view"], scene["inputs"])
    assert "error" not in reply, reply
    board = reply["ok"]
    assert board["frames"]
    assert checks(board), "a scene without a check"
    assert all(check["ok"] for check in checks(board)), checks(board)
    assert not board.get("fleeting")  # every net that ships can be had
    for label in labels(board):
        for language in words.LANGUAGES:
            assert CASES[tab].knows(language, label["k"]), (language, label)
    for widget in widgets(board["frames"], "part"):
        assert widget["id"] in board["parts"]


@each_scene
def test_a_scene_is_the_same_twice_and_has_numbers_to_take(tab, index):
    view, inputs = CASES[tab].scenes[index]["view"], CASES[tab].scenes[index]["inputs"]
    kept = kept_board(CASES[tab].tab, view, canonical(inputs))
    again = dict(CASES[tab].tab.board(view, json.loads(canonical(inputs))))
    if again.get("more"):  # a chain's kept pieces have grown
        kept_board.cache.pop(kept_board.cache_key(CASES[tab].tab, view, canonical(inputs)))
        kept = kept_board(CASES[tab].tab, view, canonical(inputs))
    tables = bare(again.pop("tables", {}))
    assert kept.text == as_json(again) and kept.tables == tables
    assert tables or again.get("values")


def test_what_was_computed_is_kept_however_its_numbers_were_written():
    scene = CASES["rnn"].scene("gradients")
    as_sent = {k: int(v) if v == 1.0 else v for k, v in scene["inputs"].items()}
    board_of("rnn", "gradients", scene["inputs"])
    before = kept_board.cache_info()
    board_of("rnn", "gradients", as_sent)
    after = kept_board.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 1)


def ends(control: Control) -> list:
    """Return the values at both ends of a control."""
    kind = control["kind"]
    if kind == "check":
        return [False, True]
    if kind == "choice":
        return [control["options"][0], control["options"][-1]]
    return [control["min"], control["max"]] if kind in ("range", "number") else []


def moved_to(tab, scene, inputs, name, value):
    """Return inputs after a person moved one control, as the page makes them."""
    control, preset = CASES[tab].tab.controls[name], scene["inputs"]
    resets = control.get("resets", [])
    kept = {k: v for k, v in inputs.items() if k not in resets}
    back = {k: preset[k] for k in resets if k in preset}
    key = str(value).lower() if isinstance(value, bool) else str(value)
    return {**kept, **back, **control.get("brings", {}).get(key, {}), name: value}


def ends_of(tab, board, name):
    """Return the two ends of a control as a board limits it; none where it means nothing there."""
    if name in board.get("without", []):
        return []
    limited: Any = {**CASES[tab].tab.controls[name], **board.get("limits", {}).get(name, {})}
    return ends(limited)


def moved_names(scene):
    """Return the controls that a scene shows, but for the seed."""
    names = [*scene.get("controls", []), *scene.get("further", [])]
    return [name for name in names if name != "seed"]


@each_scene
def test_no_end_of_all_controls_together_is_refused(tab, index):
    """Every control at its first end at once, then at its other; alone each is `make test-slow`."""
    scene = CASES[tab].scenes[index]
    if scene.get("live"):
        return  # the largest nets at once take minutes; each alone does not
    for side in (0, 1):
        inputs = scene["inputs"]
        board = board_of(tab, scene["view"], inputs)["ok"]
        for name in moved_names(scene):
            if found := ends_of(tab, board, name):
                inputs = moved_to(tab, scene, inputs, name, found[side])
                if CASES[tab].tab.controls[name].get("brings"):  # what comes may have other limits
                    board = board_of(tab, scene["view"], inputs)["ok"]
        reply = board_of(tab, scene["view"], inputs)
        assert "error" not in reply, (inputs, reply)


@pytest.mark.slow
@each_scene
def test_no_control_s_end_is_refused(tab, index):
    scene = CASES[tab].scenes[index]
    opening = {"opening": [0]} if "opening" in scene["inputs"] else {}  # a run's first picture
    start = scene["inputs"] | opening
    board = board_of(tab, scene["view"], start)["ok"]
    for name in moved_names(scene):
        for value in ends_of(tab, board, name):
            reply = board_of(tab, scene["view"], moved_to(tab, scene, start, name, value))
            assert "error" not in reply, (name, value, reply)


@each_scene
def test_a_scene_shows_controls_that_exist_and_are_worded(tab, index):
    case = CASES[tab]
    scene, known = case.scenes[index], case.tab.controls
    for name in [*scene.get("controls", []), *scene.get("further", [])]:
        spec = known[name]
        for language in words.LANGUAGES:
            assert case.knows(language, f"control.{name}")
            for option in [] if "labels" in spec else spec.get("options", []):
                assert case.knows(language, f"option.{option}"), option
        if spec["kind"] not in ("action", "button"):
            assert scene["inputs"][name] is not None


@each_scene
def test_a_preset_says_only_what_differs_and_is_accepted(tab, index):
    case = CASES[tab]
    defaults = {f.name: f.default for f in dataclasses.fields(case.tab.inputs)}
    own = words.scenes(tab)[index].get("inputs", {})
    read = dataclasses.asdict(parse(case.tab.inputs, own))
    repeated = [name for name in own if read[name] == defaults[name]]
    assert not repeated, f"the tab's defaults, said again: {repeated}"


@each_tab
def test_inputs_name_inputs_that_are_declared(tab):
    case = CASES[tab]
    known = declarations(case.tab.inputs)
    for name, control in controls(case.tab.inputs).items():
        brought = [n for what in control.get("brings", {}).values() for n in what]
        others = [*control.get("resets", []), *brought]
        others += [control["unless"]] if "unless" in control else []
        assert set(others) <= set(known), name
        for what in control.get("brings", {}).values():
            parse(case.tab.inputs, what)


@each_tab
def test_a_default_is_accepted_by_its_own_declaration(tab):
    case = CASES[tab]
    known = declarations(case.tab.inputs)
    for field in dataclasses.fields(case.tab.inputs):
        if field.default is not None:
            got = known[field.name].read(field.name, bare(field.default))
            assert got == field.default, field.name


@each_tab
def test_an_input_that_is_not_declared_is_refused_by_name(tab):
    with pytest.raises(InputError, match="^nonsense is not known here"):
        parse(CASES[tab].tab.inputs, {"nonsense": 1})


@each_tab
def test_code_drawer_shows_real_source(tab):
    _, code, *_ = answers(CASES[tab].tab)
    for view in CASES[tab].tab.views:
        for one in json.loads(code({"view": view, "inputs": {}}))["ok"]:
            assert one["name"] in one["html"] and one["module"].startswith("core.")
            assert not one["name"].startswith("_"), "private code is not shown"


@each_tab
def test_scenes_and_views_are_the_same_set(tab):
    assert {scene["view"] for scene in CASES[tab].scenes} == set(CASES[tab].tab.views)


@each_tab
@pytest.mark.parametrize("ask", [{}, {"view": "no"}, {"view": [], "inputs": {}}, [], None, "x", 3])
def test_a_request_that_makes_no_sense_is_refused_not_logged(tab, ask, caplog):
    for answer in answers(CASES[tab].tab):
        assert json.loads(answer(ask))["error"]["rule"] in ("object", "choice")
    assert not caplog.records


def test_a_fault_is_logged_and_said_without_its_trace(monkeypatch, caplog):
    def broken(inputs):
        raise RuntimeError("secret")

    tab = CASES["rnn"].tab
    view = dataclasses.replace(tab.views["step"], board=broken)
    mended = dataclasses.replace(tab, views={**tab.views, "step": view})
    reply = answers(mended)[0]({"view": "step", "inputs": {}})
    assert json.loads(reply) == {"error": {"rule": "fault", "parts": {}}}
    assert "RuntimeError at " in caplog.text and "test_boards.py" in caplog.text
    assert "secret" not in caplog.text and "secret" not in reply  # it may be what was typed


@pytest.mark.parametrize("rho", [0.2, 1.0, 2.4])
@pytest.mark.parametrize("steps", [2, 50, 200])
def test_norms_are_checked_green_also_where_they_explode(rho, steps):
    inputs = {"rho": rho, "length": steps, "hidden": 32, "seed": 2}
    board = CASES["rnn"].tab.board("gradients", inputs)
    assert all(check["ok"] for check in checks(board)), checks(board)


TRIED = [(tab, i) for tab, i in SCENES if "tries" in words.scenes(tab)[i]]


@pytest.mark.parametrize(("tab", "index"), TRIED, ids=[f"{tab}-{i + 1}" for tab, i in TRIED])
def test_what_an_answer_says_to_try_differs_from_the_preset_and_computes(tab, index):
    scene = CASES[tab].scenes[index]
    shown = {*scene["controls"], *scene.get("further", [])}
    for name, value in scene["tries"].items():
        assert name in shown and value != scene["inputs"].get(name), name
    reply = board_of(tab, scene["view"], {**scene["inputs"], **scene["tries"]})
    assert "error" not in reply, reply
