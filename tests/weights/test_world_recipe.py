"""The recipe of the world model in seconds: four cards, each from the ones before."""

import itertools
from typing import Any

import pytest
import torch

from core.data import gap
from core.measure.dreamers import read_dreamers
from core.weights.card import cards
from weights.recipes import world, world_heat, world_teach
from weights.recipes.command import run


def flags(root, name, *more):
    places = ["--out", str(root / "out"), "--checkpoints", str(root / "build")]
    return ["--card", name, "--smoke", "--threads", "1", *places, *more]


def test_each_card_is_made_from_the_ones_before(tmp_path, monkeypatch):
    monkeypatch.setattr(world, "GAMES", 4_000)
    monkeypatch.setattr(world_teach, "STEPS", 20)
    jobs = world.jobs(tmp_path / "out")
    assert tuple(jobs) == world.NAMES
    made: dict[str, Any] = {n: run("world", jobs, flags(tmp_path, n)) for n in world.NAMES}
    assert cards(tmp_path / "out").keys() == set(world.NAMES)
    figures = {
        name: {k: m["value"] for k, m in card.metrics.items()} for name, card in made.items()
    }
    v, m = figures["world-v"], figures["world-m"]
    assert v["-ELBO"] == pytest.approx(v["reconstruction"] + v["KL"], abs=1e-3)
    assert m["floor"] < m["floor without memory"] and m["floor"] < m["NLL"]
    assert m["death floor"] < m["death"]
    for name, inputs in (("world-c-z", 8), ("world-c-zh", 8 + world.STATE)):
        widths = (inputs, world.WIDE, world.UNITS, 3)
        whole = sum((a + 1) * b for a, b in itertools.pairwise(widths))
        assert made[name].parameters == whole
        assert 5 < figures[name]["score"] < 44  # five steps are free; none beats the oracle
    found = world_heat.main(["--out", str(tmp_path / "out"), "--smoke", "--threads", "1"])
    assert [one["temperature"] for one in found["rows"]] == list(world_heat.HEATS)
    assert read_dreamers(tmp_path / "out" / "world-heat.json") == found
    again = run("world", jobs, flags(tmp_path, "world-c-z", "--measure"))
    assert again == made["world-c-z"]


def test_frames_and_games_are_of_random_play():
    numbers, steps = world.random_games(500, 1)
    assert numbers.shape == (500, world.STEPS + 1) and steps.shape == (500, world.STEPS, 3)
    action, alive, real = steps.unbind(2)
    assert set(action.unique().tolist()) == {-1, 0, 1}
    assert (real[:, 1:] == (real[:, :-1] & alive[:, :-1])).all() and real[:, 0].all()
    survived = (real & alive).sum(1).double()
    assert 9 < survived.mean().item() < 13  # 11.6 uncut
    assert torch.equal(numbers, world.random_games(500, 1)[0])


def test_games_among_walls_show_walls_and_obey_the_game():
    numbers, steps = world.walled_games(2000, 1)
    rows = gap.of_number(numbers.flatten()).rows.view(*numbers.shape, gap.ROWS)
    walls = (rows != gap.EMPTY).double().mean((0, 2))
    assert walls[0].item() == pytest.approx(0.5, abs=0.02)  # the start
    assert walls[-1].item() == pytest.approx(gap.WALL, abs=0.02)  # new rows are the game's own
    action, alive, real = steps.unbind(2)
    assert (real[:, 1:] == (real[:, :-1] & alive[:, :-1])).all() and real[:, 0].all()
    before, after = (gap.of_number(n.flatten()) for n in (numbers[:, :-1], numbers[:, 1:]))
    winds = [
        gap.move(before, action.flatten(), gap.Chance(torch.full((len(before),), k), top))
        for k in gap.WINDS
        for top in [after.rows[:, -1]]
    ]
    fits = torch.stack([gap.number_of(state) == gap.number_of(after) for state, _ in winds])
    assert (fits.sum(0) == 1).all()  # the dust tells which wind blew
    lives = torch.stack([lived for _, lived in winds])[fits.long().argmax(0), range(len(before))]
    assert torch.equal(lives, alive.flatten().bool())
    counts = [(real[:, 0] & (action[:, 0] == a)).sum().item() / 2000 for a in (-1, 0, 1)]
    assert min(counts) > 0.16  # every action, a sixth of the time at least
    assert torch.equal(numbers, world.walled_games(2000, 1)[0])
