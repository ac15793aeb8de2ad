"""The world model tab: its endpoints against the core, its boards, and a game that is played."""

import json
from typing import Any

import numpy as np
import pytest
import torch

from apps import world as tab
from apps.lessons.world import minds, play
from apps.lessons.world.inputs import WORLDS, Inputs
from core.data import gap, gap_values
from core.inputs import InputError
from core.models.world.floor import exact_forecast
from core.weights import load
from tests.tab_case import TabCase, checks, widgets

torch.set_num_threads(1)
CASE = TabCase("world")
GAP = {"rows": [None, 3, None, None, 0], "x": 2, "wind": 1, "dust": 0}


# ---- the API


def test_the_values_are_those_of_value_iteration():
    found = tab.world_values()
    assert found.keys() == set(gap_values.PLAYERS)
    assert found["optimum"] == pytest.approx(29.63, abs=0.02)


def test_a_step_is_the_games():
    for seed in range(5):
        out = tab.world_step(GAP, 1, seed)
        k = out["wind"]
        assert out["state"]["x"] == 3 and out["alive"]  # the lowest row was empty
        assert out["state"]["rows"][:4] == [(3 + k) % 6, None, None, (0 + k) % 6]
        assert out["state"]["wind"] == k and out["state"]["dust"] == k % 6
        assert np.array_equal(out["frame"], gap.frames(gap.validate(out["state"]))[0, 0].numpy())
        assert out == tab.world_step(GAP, 1, seed)


@pytest.mark.parametrize("player", ["random", "memoryless", "optimum", "oracle"])
def test_players_are_measured_near_their_values(player):
    out = tab.world_play(player, 300, 1)
    wanted = gap_values.start_value(player)
    assert abs(out["score"] - wanted) < 4 * out["standard_error"]
    assert len(out["lengths"]) == 300 and out == tab.world_play(player, 300, 1)


@pytest.mark.parametrize("player", ["z", "z+h"])
def test_trained_players_play_and_do_not_beat_the_optimum(player):
    out = tab.world_play(player, 200, 1)
    assert out["score"] < gap_values.start_value("optimum") + 4 * out["standard_error"]
    assert out["score"] > gap_values.start_value("random")


def test_a_dream_is_reproducible_and_its_mixtures_are_distributions():
    out = tab.world_dream(3, 6, 1.0, [0, 1, -1, 0, 1, 1])
    assert np.array(out["frames"]).shape == (7, 16, 16) and len(out["alive"]) == 7
    for one in out["mixture"]:
        assert sum(one["weights"]) == pytest.approx(1, abs=1e-5)
        assert np.array(one["means"]).shape == np.array(one["deviations"]).shape
        assert min(map(min, one["deviations"])) > 0 and 0 <= one["death"] <= 1
    assert out == tab.world_dream(3, 6, 1.0, [0, 1, -1, 0, 1, 1])
    assert out["frames"] != tab.world_dream(4, 6, 1.0, [0, 1, -1, 0, 1, 1])["frames"]


# ---- the boards


@pytest.mark.parametrize("index", range(10))
def test_every_scene_has_a_check_that_passes(index):
    scene = CASE.scenes[index]
    board = CASE.asked(scene)
    assert board["frames"] and checks(board)
    assert all(one["ok"] for one in checks(board))
    if "start" in scene and not board.get("more"):
        assert scene["start"] < len(board["frames"])


def test_the_pictures_of_a_game_are_its_frames():
    board = CASE.asked("remember", player="z+h", seed=4)
    game = minds.record("z+h", 4, 40)
    for frame, state in zip(board["frames"], game.states):
        (picture,) = [w for w in widgets(frame["view"], "grey")]
        assert (picture["rows"], picture["cols"]) == (16, 16)
        import base64

        shades = np.frombuffer(base64.b64decode(picture["shades"]), np.uint8).reshape(16, 16)
        assert np.array_equal(shades > 127, minds.frame_of(state) > 0.5)


def test_evolution_goes_on_where_it_was():
    first = CASE.asked("evolve", player="z", seed=5)
    more = first["more"]
    assert more["done"] < more["of"]
    then = CASE.asked("evolve", player="z", seed=5, points=more["next"])
    assert len(then["frames"]) > len(first["frames"])
    assert then["frames"][: len(first["frames"])][0]["facts"] == first["frames"][0]["facts"]


# ---- the game that a visitor plays


def play_on(state: str, acts: list[str], **changes: Any) -> list[dict[str, Any]]:
    frames = []
    for act in acts:
        frame: Any = play.live(Inputs(**changes), state, act, lambda: False)
        state = frame["state"]
        frames.append(frame)
    return frames


def begun(**changes: Any) -> str:
    board = play.board(Inputs(**changes))
    return str(board["frames"][0].get("state"))


def test_the_real_game_is_the_real_game():
    state = begun(seed=2)
    before = json.loads(state)
    for frame in play_on(state, ["left", "stay", "right"] * 4, seed=2):
        now = json.loads(frame["state"])
        chance = play.chance_of(2, now["n"])
        move = {"left": -1, "stay": 0, "right": 1}[["left", "stay", "right"][(now["n"] - 1) % 3]]
        wanted, alive = gap.step(gap.validate(before["real"]), torch.tensor([move]), chance)
        assert now["real"] == gap.plain(wanted) and now["dead"] == (not bool(alive))
        if now["dead"]:
            break
        before = now


@pytest.mark.parametrize("world", WORLDS)
def test_a_lost_game_is_scored_and_another_begins(world):
    frames = play_on(begun(world=world, seed=1), ["stay"] * 150, world=world, seed=1)
    states = [json.loads(one["state"]) for one in frames]
    lost = [i for i, one in enumerate(states) if one["dead"]]
    assert lost
    games = states[lost[0]]["games"]
    assert games[world] == [states[lost[0]]["t"]] and not any(
        games[w] for w in WORLDS if w != world
    )
    assert states[lost[0] + 1]["t"] == 0 and not states[lost[0] + 1]["dead"]
    assert [one["values"]["x"] for one in frames] == list(range(1, 151))


def test_games_of_two_visitors_stay_apart():
    mine, yours = begun(seed=1), begun(seed=7)
    alone = [f["state"] for f in play_on(mine, ["left", "right", "stay"], seed=1)]
    both = []
    for act in ("left", "right", "stay"):
        mine = play_on(mine, [act], seed=1)[0]["state"]
        yours = play_on(yours, ["stay"], seed=7)[0]["state"]
        both.append(mine)
    assert both == alone


def test_another_world_keeps_the_scores():
    frames = play_on(begun(seed=1), ["stay"] * 60, seed=1)
    games = json.loads(frames[-1]["state"])["games"]
    assert games["real"]
    (frame,) = play_on(frames[-1]["state"], ["show"], world="dream", seed=1)
    assert json.loads(frame["state"])["games"] == games


def test_another_seed_begins_a_new_game_and_keeps_the_scores():
    last = json.loads(play_on(begun(seed=1), ["stay"] * 60, seed=1)[-1]["state"])
    assert last["games"]["real"]
    (frame,) = play_on(json.dumps(last), ["show"], seed=2)
    now = json.loads(frame["state"])
    assert now["games"] == last["games"] and (now["t"], now["seed"]) == (0, 2)


def test_cleared_scores_are_gone():
    last = play_on(begun(seed=1), ["stay"] * 60, seed=1)[-1]["state"]
    (frame,) = play_on(last, ["clear"], seed=1)
    now = json.loads(frame["state"])
    assert now["games"] == {world: [] for world in WORLDS} and now["t"] == 0
    assert now["n"] == json.loads(last)["n"] + 1  # a step of the page, so that it is kept


def test_a_tap_does_what_a_key_does():
    for world in WORLDS:
        board = play.board(Inputs(world=world))
        (screen,) = widgets(board["frames"][0]["view"], "grey")
        assert screen["touch"] == ["left", "stay", "right"]
        live = board.get("live")
        assert live and set(screen["touch"]) == set(live.get("keys", {}).values())


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"world": "moon"}, "state.world"),
        ({"real": {}}, "state.rows"),
        ({"seed": -1}, "state.seed"),
        ({"z": [0.0]}, "state.z"),
        ({"h": None}, "state.h"),
        ({"t": -1}, "state.t"),
        ({"n": 0.5}, "state.n"),
        ({"dead": 1}, "state.dead"),
        ({"games": {"real": []}}, "state.games"),
        ({"extra": 1}, "state.extra"),
    ],
)
def test_a_state_that_is_none_of_ours_is_refused(change, field):
    wrong = json.dumps({**json.loads(begun()), **change})
    with pytest.raises(InputError, match=field):
        play.live(Inputs(), wrong, "stay", lambda: False)
    with pytest.raises(InputError):
        play.live(Inputs(), "no json", "stay", lambda: False)


def test_m_is_nearer_to_the_exact_filter_than_to_no_memory_at_all():
    """The trained M's nats beside the exact ones, on games of its own."""
    value = {k: m["value"] for k, m in minds.nets.cards()["world-m"].metrics.items()}
    assert value["floor"] < value["NLL"] and value["death floor"] < value["death"]
    vision = load("world-v")
    state = gap.state_of([-1] * 5, 2, 0)
    even = torch.full((1, 3), 1 / 3, dtype=torch.float64)
    best = exact_forecast(vision, even, state, torch.tensor([0]))  # type: ignore[arg-type]
    assert best.log_pi.exp().sum().item() == pytest.approx(1, abs=1e-5)
