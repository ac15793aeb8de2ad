"""A GPU of one's own or a lent one: the same numbers, by the way that is there."""

import json
import os
import subprocess
import sys

import pytest
import torch

from core import device, weights
from tests.conftest import ROOT

# What `spaces` does on ZeroGPU, without one: each call in a process forked from this one, arguments
# and result pickled. Off ZeroGPU it hands the function back.
SPACES = """
import functools, multiprocessing, os, pickle
calls = []

def GPU(task=None, *, duration=60):
    if task is None:
        return functools.partial(GPU, duration=duration)
    calls.append([task.__name__, duration])
    if os.environ.get("SPACES_ZERO_GPU") != "true":
        return task

    @functools.wraps(task)
    def lent(*args, **kwargs):
        used.append(task.__name__)
        ours, theirs = multiprocessing.Pipe()

        def work():
            given, named = pickle.loads(packed)
            theirs.send_bytes(pickle.dumps(task(*given, **named)))
            os._exit(0)

        packed = pickle.dumps((args, kwargs))
        multiprocessing.get_context("fork").Process(target=work).start()
        return pickle.loads(ours.recv_bytes())
    return lent

used = []
"""
RUN = """
import json, sys
import torch
torch.set_num_threads(1)
from apps import __main__, ddpm, ebm, flow, compare
from apps.lessons.shared import sampling
try:
    import spaces
except ImportError:
    spaces = None
sampling.place()
board = ddpm.TAB.board("reverse", {"seed": 3, "steps": 10, "points": 20000})
out = {
    "decorated": spaces and spaces.calls,
    "ddpm": ddpm.ddpm_sample(2, 5, 3, 2.0, 3)["images"].tolist(),
    "ebm": ebm.ebm_sample(2, 5, 4)["images"].tolist(),
    "flow": flow.flow_sample("flow-mnist", 2, 5)["x"].tolist(),
    "compare": compare.compare_sample("ddpm-mnist", 1, 77)["images"].tolist(),
    "board": json.dumps(board["frames"][-1], default=str),
    "checks": [c["delta"] for c in board["checks"]],
    "used": spaces and spaces.used,
}
print(json.dumps(out))
"""


def ran(path=None, **environment):
    """Run RUN in a process of its own, with `spaces` on the path or without."""
    env = {**os.environ, "PYTHONPATH": str(path or ""), "OMP_NUM_THREADS": "1", **environment}
    out = subprocess.run(
        [sys.executable, "-c", RUN], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert out.returncode == 0, out.stderr[-3000:]
    return json.loads(out.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("spaces")
    (place / "spaces.py").write_text(SPACES)
    return place


def test_a_lent_gpu_does_the_heavy_sampling_and_gives_the_same_numbers(folder):
    own, lent = ran(), ran(folder, SPACES_ZERO_GPU="true")
    assert own["decorated"] is None and own["used"] is None
    assert {name for name, _ in lent["decorated"]} == {"walk_card", "sample_card", "draw_card"}
    assert all(0 < seconds <= 120 for _, seconds in lent["decorated"])
    assert lent["used"] == ["walk_card", *["sample_card"] * 3, "draw_card"]
    for key in ("ddpm", "ebm", "flow", "compare", "board", "checks"):
        assert own[key] == lent[key], key


def test_spaces_without_a_lent_gpu_changes_nothing(folder):
    here = ran(folder)
    assert here["used"] == [] and len(here["decorated"]) == 3


class Elsewhere(torch.nn.Module):
    """Remembers where it was sent."""

    def __init__(self):
        super().__init__()
        self.sent = []

    def to(self, where):
        self.sent.append(where)
        return self


def test_the_device_is_chosen_once_and_a_copy_is_made_once(monkeypatch):
    model, asked = Elsewhere(), []
    assert device.on_device(model) is model and device.device().type == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: not asked.append(1))
    device.device.cache_clear()
    try:
        there = device.on_device(model)
        assert device.on_device(model) is there is not model
        assert there.sent == [torch.device("cuda")] and model.sent == []
        assert len(asked) == 1
        assert torch.backends.cudnn.conv.fp32_precision == "ieee"  # pyright: ignore
    finally:
        device.device.cache_clear()


@pytest.mark.parametrize("way", ["sampling", "redraw", "complete"])
def test_a_chain_walked_to_its_end_is_the_chain_step_by_step(way):
    images = torch.linspace(0, 1, 784).view(1, 1, 28, 28)
    given, options = {
        "sampling": ((2,), {"labels": torch.tensor([1, 2]), "guidance": 2.0, "eta": 1.0}),
        "redraw": ((images, 500), {"eta": 1.0}),
        "complete": ((images, torch.eye(28), 2), {"repeats": 2}),
    }[way]
    model = weights.load("ddpm-mnist")
    steps = list(device.walk(model, way, *given, seed=4, steps=3, **options))
    draw = torch.Generator().manual_seed(4)
    direct = list(getattr(model, way)(*given, generator=draw, steps=3, **options))
    whole = device.walk_to_the_end(model, way, *given, seed=4, keep={0, 3}, steps=3, **options)
    assert len(steps) == len(direct) == len(whole) == 4
    for k in range(4):
        assert torch.equal(steps[k]["x"], direct[k]["x"])
        assert whole[k]["seconds"] > 0
        assert ("x" in whole[k]) == (k in (0, 3))
    assert torch.equal(whole[3]["x"], direct[3]["x"])
