"""The Hopfield tab: scenes end as told, page inputs are checked, the API says what core says."""

import json

import numpy as np
import pytest
import torch

from apps import hopfield as tab
from apps.lessons.hopfield import capacity, home, memory, path
from apps.lessons.hopfield.inputs import ACTIONS, Inputs
from apps.stage.declare import parse
from apps.stage.server import words
from core.inputs import InputError
from core.models.hopfield import letters, network
from core.models.hopfield.capacity import capacity_point
from tests.tab_case import TabCase, keys, widgets

torch.set_num_threads(1)

CASE = TabCase("hopfield")
SCENES = CASE.scenes
SMALL = ("basins", "landscape")  # views of few letters or cells
asked = CASE.asked


def read(scene, **changes):
    """Return the memory that a scene's inputs describe."""
    return memory.read_memory(parse(Inputs, {**scene["inputs"], **changes}))


def named(board):
    return board["frames"][-1]["name"]


# scenes


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"rule": "storkey"},
        {"rule": "pseudoinverse"},
        {"rule": "modern"},
        {"update": "sync"},
        {"update": "sequential"},
        {"max_steps": 1},
        {"noise": 0.85},
        {"noise": 0},
        {"probe_kind": "rectangle", "top": 2, "left": 3, "height": 4, "width": 5},
        {"probe_kind": "drawn"},
        {"edit": True},
        {"keys": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌ"},
        {"zero_diagonal": False},
        {"rows": 5, "cols": 12},
    ],
    ids=str,
)
def test_every_word_that_a_board_says_is_known(changes):
    for scene in SCENES:
        if scene["view"] in ("store", *SMALL) and changes.get("rule") == "modern":
            continue  # it stores no weights
        if scene["view"] in SMALL and {"keys", "rows", "top"} & changes.keys():
            continue  # too many letters or cells
        if scene["view"] == "capacity" and changes.get("noise", 0) > 0.5:
            continue
        for key in keys(asked(scene, **changes)):
            assert all(CASE.knows(language, key) for language in words.LANGUAGES), key


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_end_has_its_words(language):
    for end in ("stored", "negative", "spurious", "mixture", "cycle", "limit"):
        assert CASE.knows(language, f"end_{end}") and CASE.knows(language, f"told_{end}")


ENDS = [  # scene, changes, the last frame's name
    (2, {}, {"k": "told_stored", "p": "ㅅ"}),
    (2, {"noise": 0.85}, {"k": "told_negative", "p": "ㅅ"}),
    (3, {}, {"k": "told_stored", "p": "ㅅ"}),
    (3, {"target": 3, "side": "right"}, {"k": "told_stored", "p": "ㄴ"}),
    (4, {}, {"k": "told_mixture", "mix": "ㄷ + ㄹ + ㅁ"}),
    (4, {"noise": 0}, {"k": "told_mixture", "mix": "ㄷ + ㄹ + ㅁ"}),
    (4, {"noise": 0.85}, {"k": "told_mixture", "mix": "− ㄷ − ㄹ − ㅁ"}),
    (4, {"rule": "storkey"}, {"k": "told_stored", "p": "ㅁ"}),
    (4, {"rule": "pseudoinverse"}, {"k": "told_stored", "p": "ㅁ"}),
    (4, {"max_steps": 1, "rule": "modern"}, {"k": "told_limit"}),
    (7, {}, {"k": "told_versus", "a": {"k": "told_stored", "p": "ㅅ"}, "s": {"k": "told_cycle"}}),
    (8, {}, {"k": "told_rules", "n": "3"}),
]


@pytest.mark.parametrize(("number", "changes", "name"), ENDS, ids=str)
def test_a_scene_ends_as_told(number, changes, name):
    assert named(asked(SCENES[number - 1], **changes)) == name


def test_the_half_of_ieung_overlaps_two_letters_equally():
    found = memory.read_memory(Inputs(keys="ㄱㄴㅅㅇ", target=3, probe_kind="half", side="right"))
    m = found.X @ found.probe / 64
    assert m.tolist() == [-0.125, 0.4375, 0.0625, 0.4375]  # as the answer of scene 3 says


def test_the_two_cycle_lifts_the_energy():
    first, *_, last = asked(CASE.scene("versus"))["frames"]
    assert last["facts"][-1]["v"] == "1 / 4"
    whole, tail = widgets(last["view"], "chart")
    assert np.diff(whole["series"][1]["y"]).max() == pytest.approx(0.125)
    assert set(tail["series"][0]["y"]) == {-28.375, -28.25}
    (start,) = widgets(first["view"], "chart")  # which does not tell how it ends
    assert [len(one["y"]) for one in start["series"]] == [1, 1] and len(first["facts"]) == 2


def test_a_small_beta_ends_in_a_blur():
    board = asked(CASE.scene("attention"), beta=0.02)
    weights = [w["rows"] for w in widgets(board["frames"][-1], "matrix")][-1]
    assert np.abs(np.array(weights) - 0.25).max() < 0.04
    grids = [w for w in widgets(board["frames"][-1]["view"], "cells") if w["role"] == "made"]
    shades = np.abs(grids[0]["levels"])
    assert shades.mean() < 0.5 and np.median(shades) < 0.5


# numbers on the page


def test_a_frame_shows_the_energy_and_the_field_that_flipped_the_cell():
    scene = SCENES[1]
    found = read(scene)
    trace = network.recall(found.X, found.probe, seed=1)
    frames = asked(scene)["frames"]
    assert len(frames) == len(trace["states"]) + 1
    for k in range(1, len(trace["states"])):
        assert frames[k]["facts"][0]["v"] == pytest.approx(trace["energies"][k], abs=1e-12)
        i = trace["flips"][k]
        h = float(trace["W"][i] @ trace["states"][k - 1])
        line = next(widgets(frames[k]["view"], "lines"))["lines"][0]
        assert line[-1]["v"] == pytest.approx(h, abs=1e-12)
        numbers = [piece["v"] for piece in line[:-1] if isinstance(piece, dict)]
        pairs = list(zip(numbers[:-1:2], numbers[1:-1:2]))  # x·(x·s) a pattern, then s of P·s
        assert (sum(a * c for a, c in pairs) - 4 * numbers[-1]) / 64 == pytest.approx(h, abs=1e-12)
        grids = list(widgets(frames[k]["view"], "cells"))
        assert [c["flip"] for c in grids if c["flip"]] == [[i]]


@pytest.mark.parametrize("rule", ["hebb", "storkey", "pseudoinverse"])
@pytest.mark.parametrize("zero_diagonal", [True, False])
def test_a_weight_written_out_is_the_weight(rule, zero_diagonal):
    changes = {"rule": rule, "zero_diagonal": zero_diagonal, "unit_i": 12, "unit_j": 30}
    board = asked(SCENES[0], **changes)
    X = read(SCENES[0]).X
    W = network.WEIGHTS[rule](X.astype(float), zero_diagonal)
    line = next(widgets(board["frames"][0]["view"], "lines"))["lines"][0]
    assert line[-1]["v"] == pytest.approx(W[11, 29], abs=1e-12)
    assert board["turn"]["blanks"][0]["rows"][0][0] == pytest.approx(W[11, 29], abs=1e-12)
    heat = np.array(board["parts"]["W"]["rows"])
    assert np.abs(heat - W).max() < 1e-6
    added = sum(np.array(board["parts"][f"d{k}"]["rows"]) for k in range(1, 5))
    assert np.abs(added - W).max() < 1e-5


def test_the_exercises_answers_are_the_traces_numbers():
    scene = SCENES[1]
    found = read(scene)
    trace = network.recall(found.X, found.probe, seed=1)
    i = trace["flips"][1]
    field, sign = asked(scene)["turn"]["blanks"]
    assert field["rows"] == [[float(trace["W"][i] @ found.probe)]]
    assert sign["rows"] == [[int(trace["states"][1][i])]]
    blank = asked(CASE.scene("attention"))["turn"]["blanks"][0]
    found = read(CASE.scene("attention"))
    wanted = torch.softmax(torch.tensor(0.125 * found.X @ found.probe, dtype=torch.float64), 0)
    assert np.abs(np.ravel(blank["rows"]) - wanted.numpy()).max() < 1e-12


def test_many_patterns_show_ten_bars_and_say_so():
    board = asked(SCENES[2], set="latin", keys="ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    bars = next(widgets(board["frames"][0]["view"], "bars"))
    assert len(bars["items"]) == 10
    assert bars["label"] == {"k": "overlaps_most", "n": "10"}


def test_long_traces_are_thinned_and_keep_the_last_state():
    assert path.pick_evenly(2049)[-1] == 2048
    assert len(path.pick_evenly(2049)) == 200
    assert path.pick_evenly(12) == list(range(12))


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": 16, "cols": 16, "keys": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"},
        {"rows": 16, "cols": 16, "keys": "ㄱㄴㄷㄹㅁㅂㅅㅇ" * 8},
        {"rows": 4, "cols": 4},
        {"rows": 4, "cols": 16},
        {"set": "syllables", "keys": "오구한글", "rows": 10, "cols": 10},
    ],
    ids=str,
)
@pytest.mark.parametrize("number", [1, 3])
def test_other_sizes_and_alphabets_compute(number, changes):
    board = asked(SCENES[number - 1], **changes)
    assert all(check["ok"] for check in board["checks"])
    assert len(json.dumps(board)) < 8_000_000


# drawing and actions


def test_what_is_drawn_survives_a_link():
    scene = SCENES[2]
    bits = "01" * 32
    board = asked(scene, probe=bits, probe_kind="drawn")
    assert board["values"]["probe"] == bits
    assert next(widgets(board["frames"][0]["view"], "cells"))["bits"] == bits
    drawn = [*board["values"]["patterns"][:2], bits]
    again = asked(scene, patterns=drawn, probe=bits, probe_kind="drawn", target=0)
    assert again["values"]["patterns"] == drawn
    assert again["limits"]["target"]["labels"] == ["ㄱ", "ㄴ", "x₃"]
    assert named(again) == {"k": "told_stored", "p": "x₃"}
    assert again == asked(scene, patterns=drawn, probe=bits, probe_kind="drawn", target=0)


def negated(bits):
    return bits.translate(str.maketrans("01", "10"))


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_becomes_patterns(action):
    scene = SCENES[2]
    before = asked(scene)["values"]
    board = asked(scene, edit=True, pattern=1, **{action: True})
    old = before["patterns"]
    new = {
        "invert": [old[0], negated(old[1]), *old[2:]],
        "remove": [old[0], *old[2:]],
        "add": [*old, "0" * 64],
        "keep": [*old, before["probe"]],
    }[action]
    chosen = 1 if action in ("invert", "remove") else 4
    assert board["inputs"] == {action: None, "patterns": new, "pattern": chosen}
    assert board["values"]["patterns"] == new
    changed = {k: v for k, v in board["inputs"].items() if v is not None}
    assert asked(scene, edit=True, **changed)["values"]["patterns"] == new


def test_a_negative_is_named_after_its_letter():
    board = asked(SCENES[0], invert=True)
    assert board["limits"]["pattern"]["labels"] == ["−ㄱ", "ㄴ", "ㅅ", "ㅇ"]


def test_a_choice_beyond_the_patterns_moves_to_the_last():
    assert asked(SCENES[2], keys="ㅊㅋ")["inputs"]["target"] == 1


def test_an_alphabet_brings_its_letters_and_size():
    for name, brings in tab.TAB.controls["set"]["brings"].items():
        found = memory.read_memory(Inputs(set=name, **brings))
        assert np.array_equal(
            found.X, letters.patterns(name, **{k: brings[k] for k in ("rows", "cols", "keys")})
        )
        assert found.names == list(brings["keys"])
        for k, x in enumerate(found.X):
            probe = letters.corrupt(x, "noise", 0.1, list(found.shape), k)
            assert network.recall(found.X, probe)["match"] == k


# capacity


def test_capacity_goes_on_until_it_is_done():
    scene, points, asks = CASE.scene("capacity"), 0, 0
    while True:
        board = asked(scene, points=points)
        assert board["more"]["done"] == points
        if board["more"]["done"] == board["more"]["of"]:
            break
        points, asks = board["more"]["next"], asks + 1
    assert asks > 3
    assert points == 150  # 15 loads, 5 seeds, Hebb and modern
    hebb, modern = next(widgets(board["frames"][0]["view"], "chart"))["series"]
    wanted = [capacity_point(64, 10, "hebb", 0.1, seed)["rate"] for seed in range(5)]
    at = hebb["x"].index(10 / 64)
    assert hebb["y"][at] == pytest.approx(np.mean(wanted))
    assert [hebb["band"][0][at], hebb["band"][1][at]] == [min(wanted), max(wanted)]
    assert modern["y"] == [1.0] * 15
    assert hebb["y"][0] == 1 and hebb["y"][-1] < 0.3


@pytest.mark.parametrize("rule", network.RULES)
@pytest.mark.parametrize("N", [2, 33, 64])
def test_the_recount_agrees_with_the_batch(rule, N):
    assert capacity.recount(N, 5, rule, 0.1, 3, 1.0) == capacity_point(N, 5, rule, 0.1, 3)["rate"]


def test_tables_hold_the_numbers():
    more = {"capacity": {"points": 20}}
    found = {s["view"]: CASE.tables(s, **more.get(s["view"], {})) for s in SCENES}
    assert found["capacity"]["capacity"][0] == ["rule", "N", "P", "load", "seed", "rate", "exact"]
    assert len(found["capacity"]["capacity"]) == 21
    assert found["rules"]["ends"][1][:2] == ["hebb", "spurious"]
    assert np.array(found["store"]["W"]).shape == (64, 64)
    assert len(found["recall"]["states"]) + 1 == len(found["recall"]["energies"])
    assert found["attention"]["attention"][-1][2] > 0.99


def test_the_home_picture_needs_no_words_and_ends_at_the_letter():
    picture = home.picture()
    assert not keys(picture)
    grids = list(widgets(picture, "cells"))
    assert len(grids) == 3
    assert grids[-1]["bits"] == memory.bits(letters.patterns("jamo", keys="ㅅ")[0])


# the API


def test_recall_answers_exactly_its_five_keys():
    X = letters.patterns("jamo", keys="ㄱㄴㅅㅇ")
    probe = letters.corrupt(X[2], "noise", 0.15, [8, 8], 1)
    reply = tab.hopfield_recall(X.tolist(), probe.tolist(), seed=1)
    trace = network.recall(X, probe, seed=1)
    assert sorted(reply) == ["end", "energies", "match", "overlaps", "states"]
    assert np.array_equal(reply["states"], trace["states"])
    assert reply["end"] == "stored" and reply["match"] == 2 and reply["overlaps"][2] == 1
    assert np.array_equal(reply["energies"], trace["energies"])


# bad input

BAD = [  # scene, changes, the field that the sentence names
    (1, {"rows": 3}, "rows"),
    (1, {"rows": 17}, "rows"),
    (1, {"cols": 8.5}, "cols"),
    (1, {"cols": "abc"}, "cols"),
    (1, {"set": "runes"}, "set"),
    (1, {"set": None}, "set"),
    (1, {"keys": ""}, "keys"),
    (1, {"keys": "ㄱA"}, "keys"),
    (1, {"keys": "ㄱ" * 65}, "keys"),
    (1, {"keys": 7}, "keys"),
    (1, {"rule": "modern"}, "rule"),
    (1, {"rule": 3}, "rule"),
    (1, {"zero_diagonal": "yes"}, "zero_diagonal"),
    (1, {"unit_i": 0}, "unit_i"),
    (1, {"unit_j": 65}, "unit_j"),
    (1, {"pattern": -1}, "pattern"),
    (1, {"pattern": 64}, "pattern"),
    (1, {"invert": "now"}, "invert"),
    (1, {"keys": "ㄱ", "remove": True}, "patterns"),
    (1, {"keys": "ㄱ" * 64, "add": True}, "patterns"),
    (1, {"patterns": []}, "patterns"),
    (1, {"patterns": "01"}, "patterns"),
    (1, {"patterns": ["01"]}, "patterns"),
    (1, {"patterns": ["0" * 64, "1" * 63]}, "patterns"),
    (1, {"patterns": ["0" * 63 + "2"]}, "patterns"),
    (1, {"patterns": ["0" * 64] * 65}, "patterns"),
    (1, {"patterns": [[0] * 64]}, "patterns"),
    (1, {"patterns": {"a": 1}}, "patterns"),
    (2, {"rule": "foo"}, "rule"),
    (2, {"update": "random"}, "update"),
    (2, {"noise": 1.01}, "noise"),
    (2, {"noise": float("nan")}, "noise"),
    (2, {"noise": "much"}, "noise"),
    (2, {"seed": -1}, "seed"),
    (2, {"seed": 2**31}, "seed"),
    (2, {"target": 1.5}, "target"),
    (2, {"beta": 0}, "beta"),
    (2, {"max_steps": 0}, "max_steps"),
    (2, {"max_steps": 1001}, "max_steps"),
    (3, {"probe_kind": "blur"}, "probe_kind"),
    (3, {"side": "middle"}, "side"),
    (3, {"probe_kind": "rectangle", "top": 0}, "top"),
    (3, {"probe_kind": "rectangle", "left": 9}, "left"),
    (3, {"probe_kind": "rectangle", "top": 8, "height": 2}, "height"),
    (3, {"probe_kind": "rectangle", "left": 8, "width": 2}, "width"),
    (3, {"probe_kind": "drawn", "probe": "01"}, "probe"),
    (3, {"probe_kind": "drawn", "probe": "x" * 64}, "probe"),
    (3, {"probe_kind": "drawn", "probe": 5}, "probe"),
    (3, {"probe_kind": "drawn", "probe": [True] * 64}, "probe"),
    (3, {"edit": 1}, "edit"),
    (9, {"units": 1}, "units"),
    (9, {"units": 257}, "units"),
    (9, {"noise": 0.6}, "noise"),
    (9, {"seeds": 11}, "seeds"),
    (9, {"seeds": 0}, "seeds"),
    (9, {"reach": 0}, "reach"),
    (9, {"reach": float("inf")}, "reach"),
    (9, {"points": -1}, "points"),
    (9, {"points": "all"}, "points"),
    (9, {"beside": "on"}, "beside"),
    (9, {"rule": "none"}, "rule"),
    (10, {"beta": 101}, "beta"),
    (5, {"rule": "modern"}, "rule"),
    (5, {"keys": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈ"}, "keys"),
    (6, {"rule": "modern"}, "rule"),
    (6, {"rows": 5}, "rows x cols"),
    (6, {"keys": "ㄱA"}, "keys"),
]


@pytest.mark.parametrize(("number", "changes", "field"), BAD, ids=str)
def test_a_bad_page_input_is_named(number, changes, field):
    scene = SCENES[number - 1]
    with pytest.raises(InputError) as refused:
        tab.TAB.board(scene["view"], {**scene["inputs"], **changes})
    assert refused.value.parts["field"].startswith(field)
    for language in words.LANGUAGES:
        said = words.sentence(language, refused.value.rule, refused.value.parts)
        assert said.startswith(field)
