"""The PixelCNN tab: boards against the nets, chains in pieces, refused inputs, the API."""

import json
import math
from typing import Any

import numpy as np
import pytest
import torch

from apps import pixelcnn as tab
from apps.lessons.pixelcnn import home, ways
from apps.lessons.pixelcnn.inputs import ORDERS, Inputs, binary_digits
from apps.lessons.shared import nets
from apps.stage.server import words
from apps.stage.server.boards import answers, kept_board
from core.inputs import InputError
from core.models.pixelcnn import by_hand
from core.models.pixelcnn.sampling import rows_of
from tests.lessons.pixelcnn.again import CASE, net
from tests.tab_case import keys, refuse, widgets

torch.set_num_threads(1)

SCENES = CASE.scenes
asked, of = CASE.asked, CASE.scene
TRAINED = ("pixel", "finish", "nats", "slow", "classes")


# ---- by hand


@pytest.mark.parametrize("order", ORDERS)
def test_the_tree_holds_each_prefix_s_probability(order):
    board = asked("chain", order=order)
    nodes = {n["id"]: n for n in next(widgets(board["frames"][3], "net"))["nodes"]}
    assert nodes["0.0"]["values"] == [pytest.approx(1)]
    for k in range(3):
        for place in range(2**k):
            parts = [nodes[f"{k + 1}.{2 * place + c}"]["values"][0] for c in (0, 1)]
            assert sum(parts) == pytest.approx(nodes[f"{k}.{place}"]["values"][0])
    trace = by_hand.chain(0.5, [0.2, 0.8], [0.1, 0.5, 0.5, 0.9])
    leaves = {n["label"]: n["values"][0] for n in nodes.values() if n["id"].startswith("3")}
    assert leaves == {f"{i:03b}": pytest.approx(p) for i, p in enumerate(trace["p"])}


def test_typed_probabilities_change_the_tree_and_come_back_in_a_link():
    shares = [[0.25], [0.5, 0.75], [0.1, 0.2, 0.3, 0.4]]
    board = asked("chain", shares=shares, word="110")
    assert board["values"]["shares"] == shares
    (blank,) = board["turn"]["blanks"]
    assert blank["rows"] == [[pytest.approx(0.25 * 0.75 * 0.6)]]


def test_a_typed_kernel_and_a_drawn_mask_are_used():
    kernel = [[0, 1, 0], [2, 0, 0], [0, 0, 0]]
    board = asked("masks", kernel=kernel, mask="010000000", kind="own", small="110000000")
    assert board["pins"] == {"mask": {"kind": "own"}} and board["values"]["kernel"] == kernel
    first = next(widgets(board["frames"][4], "lines"))["lines"][0]
    assert first[-1]["v"] == -1.5 + 1  # the middle sees the pixel above it alone
    (cells,) = [f["v"] for f in board["facts"] if f["label"]["k"] == "leaks_cells"]
    assert cells == "0"


@pytest.mark.parametrize(("kind", "leaked"), [("A", 0), ("B", 9), ("none", 29)])
def test_flips_are_counted(kind, leaked):
    facts = {f["label"]["k"]: f["v"] for f in asked("masks", kind=kind)["facts"]}
    assert facts["leaks_flips"] == f"{leaked} / 45"


def test_a_layer_more_at_every_step_and_the_spot_outlined():
    board = asked("spot", reach=4)
    assert len(board["frames"]) == 4
    outlined = [next(widgets(f, "cells"))["flip"] for f in board["frames"]]
    assert [len(cells) for cells in outlined] == [0, 1, 3, 6]
    assert "reach" not in json.dumps(board["turn"]["blanks"])


# ---- one pixel


def test_a_chosen_pixel_s_board_is_the_api_s():
    image = binary_digits("tossed")[70]
    tables = CASE.tables("pixel")
    assert np.array_equal(tables["image"], image)
    row, column = divmod(Inputs().pixel, 28)
    one = tab.pixelcnn_conditional(image.tolist(), row, column)
    assert one["p"] == pytest.approx(tables["p"][row, column], abs=1e-6)
    assert np.array_equal(one["seen"], tables["seen"])
    whole = tab.pixelcnn_log_prob(image.tolist())
    assert whole["nats"] == pytest.approx(tables["nats"].sum(), abs=1e-4)


def test_a_click_chooses_and_a_drawing_is_read():
    board = asked("pixel", pixel=0)
    grids = list(widgets(board["frames"][0], "cells"))
    assert [w["pick"] for w in grids] == [None, None, "pixel"]
    assert [w["edit"] for w in grids] == ["drawn", None, None]
    assert grids[1]["label"] == {"k": "told_pixels", "n": "0"}  # nothing comes before it
    drawn = "1" + "0" * 783
    found = asked("pixel", drawn=drawn, pixel=1)
    assert found["values"]["drawn"] == drawn
    assert next(widgets(found["frames"][0], "cells"))["bits"] == drawn


def test_the_law_of_later_pixels_sees_a_leak(monkeypatch):
    from core.models.pixelcnn.gated import Config, PixelCNN

    config = Config(width=4, dilations=(1,), mask="B")
    torch.manual_seed(1)  # of weights by which the pixel reaches the output
    leaky = PixelCNN(config).eval().requires_grad_(False)
    monkeypatch.setattr(nets, "model", lambda name: leaky)
    board: Any = tab.TAB.board("pixel", {})
    assert not board["checks"][1]["ok"] and board["checks"][1]["holds"] == 23  # itself alone


# ---- sampling


def test_the_first_rows_come_at_once_and_the_rest_in_pieces():
    first = asked("finish", seed=11)
    assert len(first["frames"]) == ways.PIECE
    assert first["more"] == {"input": "points", "next": 8, "done": 4, "of": 14}
    whole = CASE.whole("finish", seed=11)
    assert len(whole["frames"]) == 14 and whole["frames"][0]["name"]["n"] == "15"
    assert all(check["ok"] for check in whole["checks"])
    again = asked("finish", seed=11, points=14)
    assert again["more"]["done"] == 14


def test_completions_are_the_net_s_own_from_the_same_noise():
    image = binary_digits("tossed")[35]
    given = torch.from_numpy(np.repeat(image[None, None], 7, 0))
    *_, last = rows_of(net("pixelcnn-mnist"), ways.noise(0, 7), None, 1.0, given, 14 * 28)
    made = CASE.whole("finish")["tables"]["images"]
    assert np.array_equal(made, last["x"][:, 0].numpy())


def test_a_pixel_that_is_given_is_not_turned_and_undo_is_offered_only_after_a_turn():
    usual = asked("finish")
    assert usual["without"] == ["restore"]
    assert asked("finish", turned=5)["without"] == ["restore"]  # in a row that is given
    turned = CASE.whole("finish", turned=15 * 28)
    assert turned["without"] == [] and len(turned["tables"]["images"]) == 1
    pick = [w["pick"] for w in widgets(turned["frames"][-1]["view"], "cells")]
    assert pick == [None, "turned"]


@pytest.mark.parametrize("rows", [0, 28])
@pytest.mark.parametrize("temperature", [0, 2])
def test_all_or_nothing_given_at_either_end_of_the_temperature(rows, temperature):
    board = CASE.whole("finish", rows=rows, temperature=temperature)
    assert all(check["ok"] for check in board["checks"])
    if rows == 28:
        assert len(board["frames"]) == 1


def test_a_false_picture_breaks_the_law(monkeypatch):
    usual = ways.read
    monkeypatch.setattr(
        ways, "read", lambda k, state: {**usual(k, state), "x": 1 - usual(k, state)["x"]}
    )
    board = tab.TAB.board("finish", {"digit": 36})
    assert not any(check["ok"] for check in board["checks"])


def test_both_ways_draw_the_same_and_their_clocks_run():
    board = CASE.whole("slow")
    assert len(board["frames"]) == 28
    (law,) = board["checks"]
    assert law["ok"] and law["of"] == 784
    seconds = np.array(board["tables"]["seconds"][1:])
    assert (np.diff(seconds[:, 1:], axis=0) > 0).all()
    assert seconds[-1, 2] > 4 * seconds[-1, 1]  # 784 passes


def test_a_class_s_sample_is_the_told_net_s():
    made = CASE.whole("classes")["tables"]["images"]
    u = ways.noise(0, 1).expand(10, -1, -1, -1)
    *_, last = rows_of(net("cpixelcnn-mnist"), u, torch.arange(10))
    assert np.array_equal(made, last["x"][:, 0].numpy())


def test_bayes_by_hand():
    (blank,) = asked("classes")["turn"]["blanks"]
    assert blank["rows"] == [[pytest.approx(math.e / (1 + math.e))]]


# ---- the exercises


def answers_of(view, **changes):
    turn = asked(view, **changes)["turn"]
    return turn["ask"], [blank["rows"][0][0] for blank in turn["blanks"]]


def test_the_exercises_answers():
    assert answers_of("masks")[1] == [24, 25]
    assert answers_of("spot")[1] == [2 * 7 * 8, 21]
    assert answers_of("spot", reach=7)[1] == [2 * 9 * 10, 36]
    ask, (bits,) = answers_of("pixel")
    share = float(ask["p"]) if ask["own"] == "1" else 1 - float(ask["p"])
    assert bits == pytest.approx(-math.log2(share))
    ask, (cold,) = answers_of("finish")
    p = float(ask["p"])
    assert cold == pytest.approx(1 / (1 + ((1 - p) / p) ** 2))
    ask, (per,) = answers_of("nats")
    assert per == pytest.approx(float(ask["nats"]) / 784 / math.log(2))
    assert answers_of("slow")[1] == [3 * 64 * 64]


def test_an_exercise_hides_what_its_frame_would_tell():
    board = asked("chain")
    tree = next(widgets(board["frames"][2], "net"))
    assert {n["key"] for n in tree["nodes"] if n["id"].startswith("3")} == {"p"}
    assert next(widgets(board["frames"][2], "lines"))["key"] == "p"


# ---- words, missing nets, taking away


@pytest.mark.parametrize("scene", SCENES, ids=[s["view"] for s in SCENES])
@pytest.mark.parametrize("changes", [{}, {"kind": "none"}, {"drawn": "1" * 784}, {"turned": 500}])
def test_every_word_that_a_board_says_is_known(scene, changes):
    if scene["view"] in ("slow", "spot", "chain") and changes:
        return
    for key in keys(asked(scene, **changes)):
        assert all(CASE.knows(language, key) for language in words.LANGUAGES), key


@pytest.mark.parametrize("view", TRAINED)
def test_without_its_net_a_scene_says_so_and_is_not_kept(view, monkeypatch):
    monkeypatch.setattr(nets, "model", refuse)
    kept_board.cache_clear()
    board = asked(view)
    assert board["fleeting"] and board["checks"]
    assert "absent_why" in keys(board)
    kept_board.cache_clear()


@pytest.mark.parametrize("scene", SCENES, ids=[s["view"] for s in SCENES])
def test_a_scene_is_taken_away_as_figure_and_numbers(scene):
    for kind in ("svg", "csv", "json"):
        ask = {"view": scene["view"], "inputs": scene["inputs"], "kind": kind, "lang": "ko"}
        taken = json.loads(answers(tab.TAB)[2](ask))["ok"]
        assert taken["name"].startswith("pixelcnn-") and len(taken["data"]) > 100


def test_the_home_picture_begins_with_the_half_that_is_given():
    picture = home.picture()
    assert not keys(picture)
    given, films = (w for w in widgets(picture, "grey"))
    assert given["role"] == "real" and films["role"] == "made"


# ---- the API


def test_the_api_s_map_adds_up_to_its_nats():
    image = binary_digits("half")[3]
    found = tab.pixelcnn_log_prob(image.tolist())
    with torch.no_grad():
        theirs = -float(net("pixelcnn-mnist").log_prob(torch.from_numpy(image)[None, None])[0])
    assert sorted(found) == ["bits_per_pixel", "map", "nats"]
    assert np.sum(found["map"]) == pytest.approx(found["nats"]) == pytest.approx(theirs, abs=1e-3)
    assert found["bits_per_pixel"] == pytest.approx(found["nats"] / 784 / math.log(2))
    one = tab.pixelcnn_conditional(image.tolist(), 13, 14)
    assert sorted(one) == ["nats", "p", "seen"] and np.shape(one["seen"]) == (28, 28)
    assert one["nats"] == pytest.approx(found["map"][13][14], abs=1e-6)
    share = one["p"] if image[13, 14] else 1 - one["p"]
    assert one["nats"] == pytest.approx(-math.log(share), abs=1e-5)


def test_the_api_s_samples_are_the_net_s_and_a_seed_gives_the_same():
    found = tab.pixelcnn_sample(2, 7, 0.8)
    made = net("pixelcnn-mnist").sample(
        2, generator=torch.Generator().manual_seed(7), temperature=0.8
    )
    assert np.array_equal(found["images"], made[:, 0]) and found == tab.pixelcnn_sample(2, 7, 0.8)
    each = tab.pixelcnn_log_prob(found["images"][1])["nats"]
    assert found["nats"][1] == pytest.approx(each, abs=1e-3)


# ---- bad input

BAD = [  # view, changes, the field that the sentence names
    ("chain", {"shares": 3}, "shares"),
    ("chain", {"shares": [[0.5], [0, 1]]}, "shares"),
    ("chain", {"shares": [[0.5, 0.5], [0, 1], [0, 0, 0, 0]]}, "shares"),
    ("chain", {"shares": [[1.5], [0, 1], [0, 0, 0, 0]]}, "shares"),
    ("chain", {"shares": [[0.5], [0, 2], [0, 0, 0, 0]]}, "shares"),
    ("chain", {"shares": [[0.5], [0, 1], [0, 0, 0, "x"]]}, "shares"),
    ("chain", {"word": "12"}, "word"),
    ("chain", {"order": "113"}, "order"),
    ("chain", {"small": "01"}, "small"),
    ("chain", {"small": "01010101x"}, "small"),
    ("chain", {"small": 5}, "small"),
    ("masks", {"mask": "2" * 9}, "mask"),
    ("masks", {"kernel": [[1, 2], [3, 4]]}, "kernel"),
    ("masks", {"kernel": [[99] * 3] * 3}, "kernel"),
    ("masks", {"bias": 6}, "bias"),
    ("masks", {"kind": "C"}, "kind"),
    ("spot", {"reach": 15}, "reach"),
    ("spot", {"reach": 1.5}, "reach"),
    ("pixel", {"pixel": 784}, "pixel"),
    ("pixel", {"pixel": "first"}, "pixel"),
    ("pixel", {"digit": 100}, "digit"),
    ("pixel", {"drawn": "01"}, "drawn"),
    ("pixel", {"drawn": "2" * 784}, "drawn"),
    ("pixel", {"binary": "grey"}, "binary"),
    ("finish", {"rows": 29}, "rows"),
    ("finish", {"turned": -2}, "turned"),
    ("finish", {"temperature": 2.1}, "temperature"),
    ("finish", {"temperature": float("nan")}, "temperature"),
    ("finish", {"seed": -1}, "seed"),
    ("finish", {"points": -1}, "points"),
    ("finish", {"restore": 1}, "restore"),
    ("classes", {"clear": "yes"}, "clear"),
]


@pytest.mark.parametrize(("view", "changes", "field"), BAD, ids=str)
def test_a_bad_page_input_is_named(view, changes, field):
    scene = of(view)
    with pytest.raises(InputError) as refused:
        tab.TAB.board(view, {**scene["inputs"], **changes})
    assert refused.value.parts["field"].startswith(field)
    for language in words.LANGUAGES:
        said = words.sentence(language, refused.value.rule, refused.value.parts)
        assert said.startswith(field)
