"""What a page's server functions are sent: whatever it is, a board or one sentence comes back."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.hub import tabs_of
from apps.lessons.shared import runs
from apps.stage.server import words
from apps.stage.server.boards import answers, scenes
from apps.stage.server.takeaway import bare
from core.progress import OVER, Unfinished
from tests.stage.test_bad_inputs import ANYTHING, some

TABS = {tab.name: tab for tab in tabs_of()}
RULES = words.words("en", "errors")
SCENES = [(name, scene) for name, tab in TABS.items() for scene in scenes(tab)]
IDS = [f"{tab}-{scene['view']}" for tab, scene in SCENES]
WRONG = [10**400, None, "\ud800", "a\nb", [[]], {"__proto__": 1}, 1e300, -1, True, "<b>", [1, [2]]]
NAMES = ["__proto__", "constructor", "params", "step"]


def said(text):
    """Return a reply: one JSON object, an answer or the parts of one sentence, never a trace."""
    assert "Traceback" not in text and text.encode()
    reply = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert len(reply) == 1 and (set(reply) <= {"ok", "error"})
    if "error" in reply:
        assert reply["error"]["rule"] in RULES
        assert all(part.isprintable() for part in reply["error"]["parts"].values())
    return reply


@pytest.mark.parametrize(
    ("tab", "view", "wrong", "field"),
    [
        ("rnn", "gradients", {"rho": 0}, "rho"),
        ("rnn", "step", {"W": [[10**400, 0], [0, 0]]}, "params.W"),
        ("gan", "plane", {"points": [[0, 0]], "opening": [0]}, "points"),
        ("gan", "plane", {"opening": [0, 1201]}, "opening"),
        ("attention", "translate", {"text": [[[["2026"]]]]}, "text"),
        ("hopfield", "recall", {"seed": 10**400}, "seed"),
    ],
)
def test_what_once_broke_a_board_is_refused(tab, view, wrong, field):
    scene = next(s for s in scenes(TABS[tab]) if s["view"] == view)
    board = answers(TABS[tab])[0]
    reply = said(board({"view": view, "inputs": {**scene["inputs"], **wrong}}))
    assert reply.get("error", {}).get("parts", {}).get("field") == field


@pytest.mark.parametrize(("view", "field"), [("translate", "text"), ("write", "prompt")])
def test_half_a_character_that_is_shown_can_be_sent(view, field):
    scene = next(s for s in scenes(TABS["attention"]) if s["view"] == view)
    inputs = {**scene["inputs"], field: "20\ud83d26", "count": 8}
    text = answers(TABS["attention"])[0]({"view": view, "inputs": inputs})
    assert "ok" in said(text) and "\ufffd" in text


def advance_by_counting(state, n):
    """Return a run of numbers n steps on."""
    return state + n, [{"x": state + i} for i in range(n)]


def test_an_opening_that_would_take_too_long_is_cut_short(monkeypatch):
    told = list(runs.moments(0, [0, 60, 130], advance_by_counting))
    whole = [one for one in told if not isinstance(one, int)]
    assert [state for state, _ in whole] == [0, 60, 130]
    assert [len(seen) for _, seen in whole] == [0, 60, 70]
    assert [one["x"] for _, seen in whole for one in seen] == list(range(130))
    monkeypatch.setattr(runs, "BUDGET", -1.0)
    assert list(runs.moments(0, [0, 60, 130], advance_by_counting)) == [(0, [])]


def test_an_opening_comes_in_pieces_and_each_goes_on_from_the_last():
    begun = []

    def pieces() -> Iterator[Any]:
        begun.append(1)
        for one in runs.moments(0, [0, 60, 130], advance_by_counting):
            yield one if isinstance(one, int) else {"view": one[0]}

    asked, hear = 0, OVER.set(lambda: True)
    try:
        while True:
            asked += 1
            try:
                frames = runs.all_frames("an opening", pieces, 130)
                break
            except Unfinished as unfinished:
                assert 0 <= unfinished.share < 1
    finally:
        OVER.reset(hear)
    assert [one["view"] for one in frames] == [0, 60, 130]
    assert begun == [1] and asked > 3
    assert "an opening" not in runs._openings  # the server keeps the board


def test_an_opening_that_fails_is_not_told_in_part():
    def pieces() -> Iterator[Any]:
        yield {"view": 1}
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            runs.all_frames("one that fails", pieces, 1)


@pytest.mark.parametrize(("tab", "view"), [("gan", "plane"), ("ebm", "train"), ("flow", "masks")])
def test_a_run_in_pieces_is_the_run_at_once(tab, view):
    scene = next(s for s in scenes(TABS[tab]) if s["view"] == view)
    inputs = {**scene["inputs"], "opening": [0, 7, 12]}
    whole = TABS[tab].board(view, inputs)
    hear, pieces = OVER.set(lambda: True), 0
    try:
        while True:
            pieces += 1
            try:
                board = TABS[tab].board(view, inputs)
                break
            except Unfinished:
                pass
    finally:
        OVER.reset(hear)
    assert pieces >= 6 and bare(board["frames"]) == bare(whole["frames"])


@pytest.mark.parametrize("tab", TABS)
def test_arbitrary_json_gets_an_answer_in_one_sentence(tab):
    views = st.sampled_from([*TABS[tab].views, "no such view", "__proto__", 3, None])
    keys = st.sampled_from(["view", "inputs", "state", "act", "kind", *NAMES])
    asks = st.one_of(ANYTHING, st.dictionaries(keys, ANYTHING, max_size=5))

    @some(12)
    @given(asks, views)
    def ask(asked, view):
        for function in answers(TABS[tab]):
            said(function(asked))
            inputs = {"inputs": asked, "state": asked, "act": asked, "kind": asked}
            said(function({"view": view, **inputs} if not isinstance(asked, dict) else asked))

    ask()


@pytest.mark.parametrize("tab", TABS)
def test_what_is_nested_deep_or_huge_gets_an_answer(tab):
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    view = words.scenes(tab)[0]["view"]
    for function in answers(TABS[tab]):
        assert "error" in said(function({"view": view, "inputs": {"seed": deep}, "state": deep}))
        assert "error" in said(function({"view": "x" * 10**6, "inputs": {}}))


@pytest.mark.slow
@pytest.mark.parametrize(("tab", "scene"), SCENES, ids=IDS)
def test_a_wrong_control_never_breaks_its_board(tab, scene):
    board = answers(TABS[tab])[0]
    draw = random.Random(scene["view"])
    for name in {*scene["inputs"], *scene.get("controls", []), *scene.get("further", []), *NAMES}:
        for wrong in draw.sample(WRONG, 4):
            inputs = {**scene["inputs"], "opening": [0], name: wrong}
            reply = said(board({"view": scene["view"], "inputs": inputs}))
            assert reply.get("error", {}).get("rule") != "fault", (name, wrong)
