"""Live runs: their state travels, so they cannot touch; a state from elsewhere is checked."""

import base64
import itertools
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from apps import TABS
from apps.stage.server.boards import answers
from core.models.flat.packing import pack, unpack
from tests.tab_case import TabCase

CASES = {name: TabCase(name) for name in TABS}
SCENES = [
    (tab, n, scene)
    for tab, case in CASES.items()
    for n, scene in enumerate(case.scenes, 1)
    if scene.get("live") and "opening" in case.tab.inputs.__dataclass_fields__  # a net that trains
]
LIVE = [(tab, n) for tab, n, _ in SCENES]
IDS = [f"{tab}-{n}" for tab, n in LIVE]


def frames(tab, scene, **changed):
    board, *_ = answers(CASES[tab].tab)
    ask = {"view": scene["view"], "inputs": {**scene["inputs"], **changed}}
    return json.loads(board(ask))["ok"]["frames"]


def on(tab, scene, state, act=None, **changed):
    """Return the next frame, or the error."""
    *_, live = answers(CASES[tab].tab)
    inputs = {**scene["inputs"], **changed}
    act = act or "both"
    reply = json.loads(live({"view": scene["view"], "inputs": inputs, "state": state, "act": act}))
    return reply.get("ok", reply)


def short(scene):
    """Return inputs that make a run's opening and its pieces short."""
    return {"opening": [0], "speed": 1}


@pytest.mark.parametrize(("tab", "n", "scene"), SCENES, ids=IDS)
def test_a_scene_that_says_so_is_live_and_goes_on(tab, n, scene):
    made = frames(tab, scene, **short(scene))
    then = on(tab, scene, made[-1]["state"], **short(scene))
    assert then["values"]["x"] > made[-1]["values"]["x"]
    assert all(check["ok"] for check in then["checks"])


@pytest.mark.parametrize(("tab", "n", "scene"), SCENES, ids=IDS)
def test_runs_at_once_do_not_touch(tab, n, scene):
    """Ten visitors with ten seeds at the same time get what each gets alone."""
    own = short(scene)

    def run(seed):
        state = frames(tab, scene, **own, seed=seed)[-1]["state"]
        for _ in range(2):
            state = on(tab, scene, state, **own, seed=seed)["state"]
        return unpack(state)

    alone = [run(seed) for seed in range(10)]
    with ThreadPoolExecutor(10) as visitors:
        together = list(visitors.map(run, range(10)))
    for (mine, about), (shared, other) in zip(alone, together):
        assert about == other and set(mine) == set(shared)
        for name in mine:  # up to the order in which threads add up
            assert torch.allclose(mine[name], shared[name], rtol=1e-4, atol=1e-5), name
    largest = max(alone[0][0], key=lambda name: alone[0][0][name].numel())
    for one, other in itertools.combinations([state for state, _ in alone], 2):
        assert not torch.allclose(one[largest], other[largest], rtol=1e-2, atol=0)


@pytest.mark.parametrize(("tab", "n", "scene"), SCENES, ids=IDS)
def test_the_same_moment_under_the_same_inputs_is_the_same(tab, n, scene):
    own = short(scene)
    last = frames(tab, scene, **own)[-1]
    again = on(tab, scene, last["state"], "show", **own)
    assert again["state"] == last["state"]
    assert again["view"] == last["view"]


@pytest.mark.parametrize(("tab", "n", "scene"), SCENES, ids=IDS)
def test_a_state_from_elsewhere_is_refused(tab, n, scene):
    own = short(scene)
    tensors, about = unpack(frames(tab, scene, **own)[-1]["state"])
    name = max(tensors, key=lambda key: tensors[key].numel())
    broken = [
        "",
        "x",
        base64.b64encode(b"\0" * 40).decode(),
        pack({**tensors, name: torch.full_like(tensors[name], float("nan"))}, about),
        pack({**tensors, name: tensors[name][:-1]}, about),
        pack({k: v for k, v in tensors.items() if k != name}, about),
        pack({**tensors, "more": torch.zeros(3)}, about),
        pack(tensors, {**about, "seed": "x"}),
        pack(tensors, {**about, "nonsense": 1}),
        pack(tensors, []),
    ]
    for state in broken:
        reply = on(tab, scene, state, **own)
        assert reply["error"]["rule"] != "fault", state[:60]


@pytest.mark.parametrize("tab", TABS)
def test_no_run_without_a_state(tab, caplog):
    *_, live = answers(CASES[tab].tab)
    for scene in CASES[tab].scenes:
        for state in (None, 3, "x" * 5_000_000):
            ask = {"view": scene["view"], "inputs": scene["inputs"], "state": state, "act": "both"}
            rule = json.loads(live(ask))["error"]["rule"]
            assert rule in (("text", "long") if scene.get("live") else ("choice",))
    assert not caplog.records


def test_the_scenes_that_say_live_are_those_whose_views_are_runs():
    for case in CASES.values():
        for scene in case.scenes:
            assert bool(scene.get("live")) == (case.tab.views[scene["view"]].live is not None)
