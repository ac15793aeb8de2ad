"""The energy tab: its numbers against closed forms, refused inputs, long chains in pieces, and what
it says where the trained energy is not here.
"""

import json
from typing import Any

import numpy as np
import pytest
import torch

from apps import ebm as tab
from apps.lessons.ebm import anomaly, chains, particles, three
from apps.lessons.ebm.inputs import CROWDS, FITTING, MIXTURES, STARTS
from apps.lessons.shared import chains as shared
from apps.lessons.shared import nets
from apps.stage.server import words
from apps.stage.server.boards import answers, kept_board
from core.data.densities import Mixture, density, entropy
from core.inputs import InputError
from core.models.ebm import check as check_ebm
from core.models.ebm.energy import EBM, Config
from core.models.ebm.langevin import langevin, slope, surface
from core.weights import load
from tests.tab_case import TabCase, keys, refuse, widgets

torch.set_num_threads(1)

CASE = TabCase("ebm")
DIGITS = ("denoise", "ten", "one", "heat", "anomaly")  # the views that need the trained energy
asked, of = CASE.asked, CASE.scene


@pytest.fixture
def untrained(monkeypatch):
    """Stand a net of random weights, and energies of its own, in for the trained one."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = EBM(Config(width=4)).eval().requires_grad_(False)
    rng = np.random.default_rng(0)
    found = {"labels": np.arange(600.0) % 10} | {
        name: rng.normal(mean, 1, 600)
        for name, mean in {
            "test": 0,
            "samples": 0.3,
            "noise": 99,
            "clothes": 5,
            "upside-down": 1,
            "mirrored": 0,
        }.items()
    }
    monkeypatch.setattr(nets, "model", lambda name: load(name) if "classifier" in name else model)
    monkeypatch.setattr(anomaly, "crowd_energies", lambda: found)
    caches = (
        anomaly.auroc_by_crowd,
        anomaly.auroc_by_digit,
        anomaly.auroc_check,
        chains.usual_energy,
        kept_board,
        shared._kept,
    )
    for one in caches:
        one.cache_clear()
    yield model
    for one in caches:
        one.cache_clear()


# by hand


def test_typed_numbers_change_the_step():
    made = CASE.tables("hand", x=[1, 2], ks=[3, -1], xi=[0, 1], step_hand=2)
    np.testing.assert_allclose(made["x_next"], [1 - 3, 2 + 2 + 2**0.5])
    blanks = asked("hand", x=[0, 1])["turn"]["blanks"]
    assert [blank["key"] for blank in blanks] == ["drift", "noise", "next"]


def test_a_wrong_step_is_noticed():
    made: Any = CASE.tables("hand")
    assert check_ebm.langevin_step_delta(made["ks"], made)["delta"] < 1e-12
    made["x_next"] = [made["x_next"][0] + 1e-6, made["x_next"][1]]
    assert check_ebm.langevin_step_delta(made["ks"], made)["delta"] > 1e-7


# in the plane


@pytest.mark.parametrize("name", ["clusters", "ring", "pinwheel"])
def test_the_exact_mean_energy_is_the_entropy(name):
    assert particles.exact_mean(name, 1) == pytest.approx(entropy(density(name)), abs=2e-3)


def test_at_another_temperature_the_mean_of_a_gaussian_valley_lies_t_above_its_bottom():
    low = particles.exact_mean("clusters", 0)
    for t in (0.25, 1.0, 4.0):
        assert particles.exact_mean("clusters", t) - low == pytest.approx(t, abs=0.02 * t + 0.05)


def test_the_particles_of_the_preset_come_to_the_exact_mean():
    board = asked("plane")
    moments = particles.walk("clusters", 0.02, 1, 1, 0)
    mean, exact = particles.mean(moments[-1]), particles.exact_mean("clusters", 1)
    error = particles.spread(moments[-1]) / particles.PARTICLES**0.5
    assert abs(mean - exact) < 3 * error and len(board["frames"]) == particles.STEPS + 1


def test_no_noise_piles_up_and_too_large_a_step_leaves():
    board = asked("three")
    name, last = "clusters", three.SHORT
    still, large = (
        particles.walk(name, *given)
        for given in ((0.05, 1, 0, 0), (0.3, 1, 1, 0))
    )  # fmt: skip
    target = density(name)
    assert isinstance(target, Mixture)
    assert torch.cdist(still[last]["x"], target.centres).min(1).values.max() < 0.02
    assert particles.count_away(name, large[last]) == particles.PARTICLES
    assert board["turn"]["blanks"][0]["rows"] == [[pytest.approx(-1.4)]]
    laws = [check for check in board["checks"] if "law" in check]
    assert laws and laws[0]["ok"] and laws[0]["of"] == particles.PARTICLES * particles.STEPS


def test_a_wrong_slope_is_noticed():
    x = density("ring").sample(20, torch.Generator().manual_seed(0))
    energy = surface("ring")
    value, gradient = slope(energy, x)
    assert check_ebm.slope_delta(energy, x, gradient)["delta"] < 1e-6
    assert check_ebm.slope_delta(energy, x, gradient * 1.001)["delta"] > 1e-5
    assert check_ebm.mixture_delta(density("ring"), x, value)["delta"] < 1e-12
    assert check_ebm.mixture_delta(density("ring"), x, value + 1e-6)["delta"] > 1e-8


def test_mean_energy_of_a_gaussian():
    found = check_ebm.mean_energy(lambda x: (x**2).sum(1) / 2, (-9, 9, -9, 9), 1.0)
    assert found == pytest.approx(1.0, abs=1e-6)
    *_, last = langevin(
        lambda x: (x**2).sum(1) / 2,
        torch.randn(4000, 2, generator=torch.Generator().manual_seed(0)).double(),
        0.05,
        steps=20,
        generator=torch.Generator().manual_seed(1),
    )
    assert last["energy"].mean().item() == pytest.approx(found, abs=0.1)


def test_metropolis_comes_to_the_exact_mean_where_steps_that_are_all_taken_do_not():
    free, held = (
        particles.walk("grid", 0.02, 1, 1, 0, refuses)[-1] for refuses in (False, True)
    )  # fmt: skip
    exact = particles.exact_mean("grid", 1)
    assert particles.mean(free) > exact + 2 and particles.mean(held) < exact + 0.6
    board = asked("plane", metropolis=True, noise=0.5)  # without meaning here
    assert "noise" in board["without"] and "taken" in keys(board["frames"])
    assert board["frames"] == asked("plane", metropolis=True)["frames"]


def test_a_landscape_comes_with_a_step_below_its_limit():
    for name, step in FITTING.items():
        assert CASE.tab.controls["landscape"]["brings"][name] == {"step": step}
        last = particles.walk(name, step, 1, 1, 0)[-1]
        assert particles.mean(last) - particles.exact_mean(name, 1) < 0.4, name
        if name in MIXTURES:
            assert step / (4 * particles.sigma(name) ** 2) <= 0.1


def test_steps_beyond_the_limit_are_told_as_such():
    board = asked("metropolis", wide=1.2)
    assert [fact["v"] for fact in board["facts"]] == ["4.8", "∞"]
    assert board["frames"][-1]["facts"][0]["v"] == "> 100"
    assert all(check["ok"] for check in board["checks"])
    assert board["turn"]["blanks"][0]["rows"] == [[pytest.approx(np.exp(-1.2))]]


# live


def live(state, act, **changes):
    *_, call = answers(tab.TAB)
    inputs = {**of("train")["inputs"], "opening": [0], "speed": 20, **changes}
    reply = json.loads(call({"view": "train", "inputs": inputs, "state": state, "act": act}))
    return reply.get("ok", reply)


def test_pressing_alone_lowers_e_at_the_data_and_does_not_help():
    start = asked("train", opening=[0, 100])["frames"][-1]
    pressed = live(start["state"], "down")
    assert pressed["values"]["energy_data"] < start["values"]["energy_data"]
    assert pressed["values"]["nll"] > start["values"]["nll"]
    lifted = live(start["state"], "up")
    assert lifted["values"]["energy_particles"] > start["values"]["energy_particles"]


def test_other_sizes_begin_anew_and_a_drawing_is_learned():
    start = asked("train", opening=[0, 5])["frames"][-1]
    assert live(start["state"], "show", width=8)["values"]["x"] == 0
    drawn = live(start["state"], "both", target="drawn", drawn=[[0, 0], [1, 1], [-1, 1]])
    assert drawn["values"]["x"] > 5 and drawn["checks"][0]["ok"]
    empty = live(start["state"], "show", target="drawn")
    assert empty["values"]["x"] == 5
    wrong = live(start["state"], "sideways")
    assert wrong["error"]["rule"] == "choice"


# digits


@pytest.mark.parametrize("view", DIGITS)
def test_an_energy_that_is_not_here_is_said_in_one_sentence(view, monkeypatch):
    monkeypatch.setattr(nets, "model", refuse)
    asked("hand")  # another tab's or scene's board stays in memory
    before = kept_board.cache_info().currsize
    board = asked(view)
    assert kept_board.cache_info().currsize == before  # asked again, it looks again
    assert "absent_why" in keys(board["frames"])
    assert board["checks"] and all(check["ok"] for check in board["checks"])


def test_a_chain_comes_in_pieces_that_are_the_whole(untrained):
    first = asked("ten")
    assert first["more"] == {"input": "points", "next": 80, "done": 20, "of": 300}
    second = asked("ten", points=80)
    assert second["more"]["done"] == 80 and len(second["frames"]) > len(first["frames"])
    found = CASE.tables("ten", points=80)
    draw = torch.Generator().manual_seed(of("ten")["inputs"]["seed"])
    whole = list(untrained.sampling(10, generator=draw, steps=80))
    theirs = torch.stack([state["energy"] for state in whole]).numpy()
    np.testing.assert_allclose(np.array(found["energies"][1:])[:, 1:], theirs, atol=1e-6)


def test_a_piece_asked_for_out_of_nothing_starts_at_the_beginning(untrained):
    assert asked("one", points=300)["more"]["done"] == chains.PIECE
    short = asked("one", steps=50, points=80)
    assert short["more"]["done"] == short["more"]["of"] == 50


@pytest.mark.parametrize("start", STARTS)
def test_a_chain_starts_where_it_is_told(untrained, start):
    drawn = "01" * 392
    first = CASE.tables("one", start=start, drawn=drawn)["snapshots"]["step 0"]
    if start == "drawing":
        np.testing.assert_allclose(np.ravel(first), [float(c) for c in drawn])
    else:
        assert np.unique(first).size > 20
    board = asked("one", start=start)
    assert all(check["ok"] for check in board["checks"])
    assert board["pins"] == {"drawn": {"start": "drawing"}}


def test_three_chains_from_one_start_come_in_pieces(untrained):
    first = asked("heat")
    assert first["more"] == {"input": "points", "next": 80, "done": 20, "of": 300}
    images = CASE.tables("heat", points=80)["images"]
    assert {name: np.shape(one) for name, one in images.items()} == {
        name: (5, 28, 28) for name in ("still", "usual", "warm")
    }
    start = CASE.tab.board("heat", {**of("heat")["inputs"], "start": "noise"})["frames"][0]
    rows = [one["shades"] for one in widgets(start["view"], "grey")]
    assert rows[:5] == rows[5:10] == rows[10:15] and len(rows) == 15


@pytest.mark.parametrize("crowd", CROWDS)
def test_a_histogram_s_shares_are_the_counts(untrained, crowd):
    found = CASE.tables("anomaly", crowd=crowd)
    rows = np.array(found["histogram"][1:], dtype=float)
    assert rows[:, 2:].sum(0).tolist() == [600, 600, 600]
    assert found["auroc"]["noise"] == 1 and found["auroc"]["mirrored"] == pytest.approx(
        0.5, abs=0.05
    )
    made = asked("anomaly", crowd=crowd)
    assert all(check["ok"] for check in made["checks"])


def test_every_word_of_the_digits_is_known(untrained):
    for view, changes in (
        ("denoise", {}),
        ("heat", {}),
        ("ten", {}),
        ("one", {"start": "digit"}),
        ("anomaly", {"letter": "jamo"}),
    ):
        for key in keys(asked(view, **changes)):
            assert all(CASE.knows(language, key) for language in words.LANGUAGES), key


def test_a_wrong_step_of_a_chain_is_noticed(untrained, monkeypatch):
    from core.models.ebm import energy as ebm

    images = np.random.default_rng(0).random((2, 28, 28))
    assert chains.step_check(images, 2.5)["ok"]
    right = ebm.follow
    monkeypatch.setattr(ebm, "follow", lambda *a, **k: right(*a, **k) + 1e-3)
    assert not chains.step_check(images, 2.5)["ok"]


# bad inputs of the page

BAD_INPUTS = [
    ("hand", {"x": [1]}, "x"),
    ("hand", {"ks": [1, "a"]}, "ks"),
    ("hand", {"xi": [1, 1e9]}, "xi"),
    ("hand", {"step_hand": 0}, "step_hand"),
    ("plane", {"landscape": "checkerboard"}, "landscape"),
    ("plane", {"step": 0}, "step"),
    ("plane", {"temperature": 0}, "temperature"),
    ("plane", {"noise": -1}, "noise"),
    ("plane", {"seed": 0.5}, "seed"),
    ("three", {"mixture": "moons"}, "mixture"),
    ("three", {"share": "half"}, "share"),
    ("three", {"large": 99}, "large"),
    ("plane", {"metropolis": 2}, "metropolis"),
    ("metropolis", {"wide": 0}, "wide"),
    ("metropolis", {"wide": "half"}, "wide"),
    ("metropolis", {"seed": -1}, "seed"),
    ("denoise", {"seed": "a"}, "seed"),
    ("heat", {"heat": 2.0}, "heat"),
    ("heat", {"points": -1}, "points"),
    ("train", {"target": "hexagon"}, "target"),
    ("train", {"opening": [-1]}, "opening"),
    ("train", {"rate": 2}, "rate"),
    ("train", {"width": 1000}, "width"),
    ("train", {"target": "drawn", "drawn": [[9, 9]]}, "drawn"),
    ("ten", {"steps": 501}, "steps"),
    ("ten", {"eta": -1}, "eta"),
    ("ten", {"sigma": 2}, "sigma"),
    ("ten", {"points": 1.5}, "points"),
    ("one", {"start": "letter"}, "start"),
    ("one", {"start": "digit", "digit": 100}, "digit"),
    ("one", {"start": "drawing", "drawn": "01"}, "drawn"),
    ("anomaly", {"crowd": "cats"}, "crowd"),
    ("anomaly", {"letter": "B"}, "letter"),
]


@pytest.mark.parametrize(("view", "inputs", "field"), BAD_INPUTS, ids=str)
def test_bad_inputs_of_the_page_name_the_field(untrained, view, inputs, field):
    with pytest.raises(InputError, match=field):
        tab.TAB.board(view, {**of(view)["inputs"], **inputs})


# the API


def test_the_api_says_what_core_says(untrained):
    made = tab.ebm_sample(2, seed=5, steps=10, step_size=1.0, noise=0.02)
    draw = torch.Generator().manual_seed(5)
    theirs = untrained.sample(2, generator=draw, steps=10, step_size=1.0, noise=0.02)
    np.testing.assert_allclose(made["images"], theirs[:, 0], atol=1e-6)
    told = tab.ebm_energy(made["images"][0].tolist())
    assert told["energy"] == pytest.approx(made["energies"][0], abs=1e-6)
    step = tab.ebm_langevin_step([1.2, -0.8], [2.4, -0.8], 0.25, [0.4, -1.2])
    np.testing.assert_allclose(step["x_next"], [1.1, -1.3], atol=1e-12)
