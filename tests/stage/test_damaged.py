"""Weights that are missing or damaged: the rest stands, and each scene and endpoint names the
file.
"""

import json
import os
import re
import subprocess
import sys

import pytest

from apps.hub import tabs_of
from apps.lessons.shared import nets
from apps.stage.server.takeaway import bare
from core.weights import shipped
from core.weights.card import FOLDER
from core.weights.errors import WeightError
from tests.conftest import ROOT
from tests.stage.damaged import STATES
from tests.stage.good_calls import GOOD

FILE = re.compile(r"[\w.-]+\.(safetensors|json)|SHA256SUMS")
# What computes all by itself; the others need a file of weights/.
FREE = ["rnn", "hopfield"]
ALONE = {"rnn_forward", "rnn_backward", "hopfield_recall", "gan_backward", "flow_coupling"}
ALONE |= {
    "cnn_convolve",
    "progan_fade",
    "biggan_truncated",
    "biggan_spectral",
    "world_values",
    "world_step",
    "ebm_langevin_step",
    "attention_step",
    "ddpm_forward",
    "compare_interval",
}


def asked(*arguments):
    command = [sys.executable, "-m", "tests.stage.damaged", *arguments]
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_there_is_a_right_call_of_every_endpoint():
    assert set(GOOD) == {f.__name__ for tab in tabs_of() for f in tab.endpoints}


def test_a_view_whose_nets_cannot_even_be_named_says_why():
    def needs():
        raise WeightError("weights_manifest", detail="cut")

    board = nets.view(lambda _: {"frames": [], "facts": []}, needs=needs).board(None)
    assert board.get("fleeting") and "weights_manifest" in json.dumps(bare(board))


@pytest.mark.parametrize(
    "state", ["cut", *(pytest.param(s, marks=pytest.mark.slow) for s in STATES if s != "cut")]
)
def test_without_any_file_each_scene_stands_or_names_one(state):
    found = asked(state)
    for name, reply in found.items():
        if name in GOOD:
            if name in ALONE:
                assert "ok" in reply, (name, reply)
            else:
                assert FILE.search(reply["error"]["said"]), (name, reply)
            continue
        assert "ok" in reply, (name, reply)  # a board, if only one with the sentence
        text = json.dumps(reply["ok"])
        whole = not reply["ok"].get("fleeting")
        assert whole or FILE.search(text), (name, text[:200])
        assert whole or name.split()[0] not in FREE
    fleeting = [name for name, reply in found.items() if reply.get("ok", {}).get("fleeting")]
    assert len(fleeting) >= 30  # scenes of trained nets


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [*shipped.sums(FOLDER), "vae2d-mnist.safetensors", "manifest.json", "SHA256SUMS"]
)
def test_without_one_file_the_rest_stands(name):
    found = asked("cut", name)
    said = {key: reply["error"] for key, reply in found.items() if "error" in reply}
    for key, error in said.items():
        assert key in GOOD and FILE.search(error["said"]), (key, error)
    if name not in ("manifest.json", "SHA256SUMS"):
        lost = [key for key, reply in found.items() if reply.get("ok", {}).get("fleeting")]
        assert all(name in json.dumps(found[key]) for key in lost), lost
        assert len(lost) + len(said) < len(found) / 2
