"""The recipe that trains BigGANs of several sizes for equally long, on made-up digits."""

import numpy as np
import pytest
import torch

from core.models.biggan.networks import BigGAN, Config
from core.weights import shipped
from tests.core.data.test_mnist import write_digits
from weights.recipes import bigger, classifier
from weights.recipes.command import run

RUNS = ((16, (8, 8, 8), 0), (32, (8, 8, 8), 0))


@pytest.fixture
def flags(tmp_path, monkeypatch):
    monkeypatch.setattr(bigger, "RUNS", RUNS)
    write_digits(tmp_path)
    out = tmp_path / "out"
    places = ["--data", str(tmp_path), "--out", str(out), "--threads", "1", "--smoke"]
    given = ["--card", "classifier-mnist", *places, "--checkpoints", str(tmp_path / "build")]
    run("classifier", classifier.JOBS, given)
    return [*places, "--minutes", "0.004"]


def test_each_run_gets_its_minutes_and_is_looked_at_on_the_way(flags, tmp_path):
    bigger.main(flags)
    found, said = shipped.read_arrays(tmp_path / "out" / bigger.FILE)
    assert found["batch"].tolist() == [16, 32] and said["budget"] == "0.004"
    assert found["images"].shape == (2, bigger.WATCHED, 28, 28)
    assert (np.diff(found["steps"]) > 0).all() and (found["Fréchet"] > 0).all()
    goals = 0.004 * np.arange(1, bigger.LOOKS + 1) / bigger.LOOKS
    assert (found["minutes"] >= goals - 1e-6).all()  # a step may be long


def test_a_stopped_run_is_not_done_again_unless_its_minutes_change(flags, tmp_path, monkeypatch):
    monkeypatch.setattr(bigger, "RUNS", RUNS[:1])
    bigger.main(flags)
    first, _ = shipped.read_arrays(tmp_path / "out" / bigger.FILE)
    monkeypatch.setattr(bigger, "RUNS", RUNS)
    bigger.main([*flags, "--resume"])
    both, _ = shipped.read_arrays(tmp_path / "out" / bigger.FILE)
    assert np.array_equal(both["minutes"][0], first["minutes"][0]) and len(both["batch"]) == 2
    assert bigger.read(tmp_path / "out" / bigger.FILE, 0.008) == []


def test_a_clock_counts_no_time_of_looking(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(bigger.time, "process_time", lambda: now[0])

    def look(model):
        now[0] += 600  # ten minutes
        return {"seen": torch.tensor(1)}

    clock, model = bigger.Clock(look, minutes=4.0), BigGAN(Config(channels=(8, 8, 8)))
    clock.open(1000)
    seen = []
    for step in range(1, 1000):
        now[0] += 10
        if clock.due(step):
            seen.append(step)
            clock.see(step, model)
        if clock.over:
            break
    assert seen == [6, 12, 18, 24]
    assert clock.tensors()["moments.minutes"].tolist() == [1, 2, 3, 4]
