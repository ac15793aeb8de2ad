"""The comparison tab: a table of what was measured, empty rows that say so, a blind test."""

import base64
import dataclasses
import json
import math
import re
import threading
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

from apps import compare as tab
from apps.lessons.compare import models as m
from apps.lessons.compare import samples as sheets
from apps.lessons.compare import table as figures_table
from apps.lessons.compare.blind import trials
from apps.lessons.compare.classes import classes
from apps.lessons.compare.copies import PAIRS, copies
from apps.lessons.compare.inputs import COSTS, SORTS, Inputs
from apps.lessons.compare.samples import samples
from apps.lessons.compare.table import table
from apps.lessons.compare.trade import law_of_front, side_of, trade
from apps.lessons.shared import nets
from apps.stage.server.boards import answers
from core.inputs import InputError
from core.measure import comparison, drawing, neighbours
from core.measure.comparison import BY_NAME, COUNT, FAMILIES
from core.measure.intervals import wilson
from core.weights.card import cards
from core.weights.errors import WeightError
from tests.tab_case import TabCase, widgets

CASE = TabCase("compare")
SCENES = CASE.scenes
board = CASE.asked


def figures_of(**changes):
    """Return every family's figures under some inputs."""
    inputs = Inputs(**changes)
    return m.rows(inputs.again, inputs.timed)


def one(made, kind):
    return next(widgets(made["frames"], kind))


def lines(table):
    """Return a table's lines by the family's name."""
    return {row[0]["text"]: row[1:] for row in table["rows"] if isinstance(row[0]["text"], str)}


def load_shipped(name):
    """Return a family's shipped images, which must be there."""
    kept = comparison.shipped_samples(cards()[name])
    assert kept is not None, "run python -m weights.recipes.samples"
    return kept


@pytest.fixture
def without(monkeypatch):
    """Return a function that takes families away, as if their weights were not here."""

    def take(*names):
        have = m.have
        for module in (m, nets):
            monkeypatch.setattr(module, "have", lambda name: name not in names and have(name))
        monkeypatch.setattr(tab, "TAB", dataclasses.replace(tab.TAB))  # boards are kept by tab

    return take


@pytest.fixture
def slow(monkeypatch):
    """Make the flow one of the families that keep a page waiting, and let nothing ship."""
    real_nvp = dataclasses.replace(BY_NAME["flow-mnist"], slow=True)
    monkeypatch.setattr(m, "FAMILIES", (BY_NAME["vae-mnist"], real_nvp))
    monkeypatch.setattr(sheets, "FAMILIES", (BY_NAME["vae-mnist"], real_nvp))
    monkeypatch.setattr(m, "shipped_images", lambda family: None)
    monkeypatch.setattr(m, "LOT", 16)
    monkeypatch.setattr(m, "_drawn", OrderedDict())
    return real_nvp


# ---- figures


def test_every_figure_of_the_table_is_the_runs():
    made = board("table")
    there = lines(one(made, "table"))
    said = comparison.read_figures()
    for family in m.present_families():
        cells, run = there[family.title], said["families"][family.card]
        last = run["accuracy" if family.labelled else "entropy"]
        assert cells[1]["text"] == f"{run['parameters']:,}"
        assert float(cells[2]["text"]) == pytest.approx(1000 * run["seconds"]["value"], rel=0.06)
        for cell, spread in zip(cells[3:], (run["frechet"], run["coverage"], last)):
            numbers = [float(v) for v in re.findall(r"[\d.]+", cell["text"])]
            assert numbers == pytest.approx([spread[k] for k in ("value", "low", "high")], abs=6e-3)
    floor = one(made, "table")["rows"][-1]
    assert floor[4]["text"].startswith(f"{said['floor']['frechet']['value']:.3f} [")
    assert [check["ok"] for check in made["checks"]] == [True, True]


def test_families_that_are_told_labels_stand_apart():
    for by in SORTS:
        rows = one(board("table", sort=by), "table")["rows"]
        names = [row[0]["text"] for row in rows]
        heads = [i for i, name in enumerate(names) if isinstance(name, dict)]
        assert [names[i]["k"] for i in heads] == ["untold", "told", "binary_row", "floor_row"]
        told = set(names[heads[1] + 1 : heads[2]])
        assert told == {family.title for family in FAMILIES if family.labelled}
    assert comparison.figures(cards()["cgan-mnist"])["entropy"] is None
    assert comparison.figures(cards()["vae-mnist"])["accuracy"] is None


def test_a_wrong_distance_turns_red(monkeypatch):
    rows = figures_of()
    rows[1]["frechet"] = {**rows[1]["frechet"], "value": rows[1]["frechet"]["value"] + 0.01}
    assert not figures_table.distance_checks(rows)[0]["ok"]


def test_a_family_without_weights_leaves_an_empty_row_that_says_so(without):
    without("flow-mnist", "ebm-mnist")
    for view in ("table", "likelihood"):
        cells = lines(one(board(view), "table"))["Flow"]
        assert len(cells) == 1 and cells[0]["text"] == {"k": "no_weights", "name": "flow-mnist"}
    empty = [w for w in widgets(board("samples")["frames"], "grey") if isinstance(w["label"], dict)]
    assert {"k": "empty_sheet", "name": "Flow"} in [w["label"] for w in empty]
    notes = [w["text"] for w in widgets(board("trade")["frames"], "text")]
    assert any("Flow" in note["names"] for note in notes if note["k"] == "not_drawn")
    for view, field in (("classes", "family"), ("copies", "family"), ("blind", "first")):
        made = board(view)
        assert "flow-mnist" not in made["limits"][field]["options"]
        assert CASE.refused(view, **{field: "flow-mnist"})["field"] == field


def test_without_any_weights_every_scene_still_says_something(without):
    without(*BY_NAME)
    for scene in SCENES:
        reply = CASE.reply(scene)
        assert "ok" in reply or reply["error"]["rule"] == "choice", (scene["view"], reply)


def test_a_net_that_cannot_be_fetched_is_said(monkeypatch):
    def gone(name):
        raise WeightError("weights_missing", file=f"{name}.safetensors")

    monkeypatch.setattr(m, "have", lambda name: name in cards())
    monkeypatch.setattr(m, "model", gone)
    monkeypatch.setattr(tab, "TAB", dataclasses.replace(tab.TAB))  # boards are kept by tab
    made = board("classes")
    assert one(made, "text")["text"]["why"]["k"] == "weights_missing"
    assert made["checks"][0]["ok"]


@pytest.mark.parametrize("by", SORTS[1:])
def test_sorting_puts_the_best_of_each_group_first(by):
    table = one(board("table", sort=by), "table")
    found = {row["family"].title: m.value_of(row, by) for row in figures_of()}
    for told in (False, True):
        group = {family.title for family in FAMILIES if family.labelled == told}
        names = [row[0]["text"] for row in table["rows"] if isinstance(row[0]["text"], str)]
        values = [found[name] for name in names if name in group]
        known = [v for v in values if v is not None]
        assert known == sorted(known, reverse=bool(figures_table.UP[by]))
        assert values[: len(known)] == known
    assert table["by"] == by and {head["key"] for head in table["heads"]} - {""} == set(SORTS)


def test_a_figure_that_is_missing_stands_last(monkeypatch):
    rows = figures_of()
    rows[0]["frechet"] = None
    monkeypatch.setattr(m, "rows", lambda again, timed: rows)
    names = [row[0]["text"] for row in one(table(Inputs(sort="frechet")), "table")["rows"]]
    assert names.index("VAE") == 7  # after the heading and the six others


def test_times_are_those_that_ship_until_they_are_asked_for(slow, monkeypatch):
    times = lambda name, digest, again: dict.fromkeys(("value", "low", "high"), len(name) + again)  # noqa: E731
    monkeypatch.setattr(m, "pace", times)
    assert "more" not in table(Inputs()) and "more" not in trade(Inputs())
    first: Any = table(Inputs(again=1, timed=0))
    assert first["more"] == {"input": "timed", "next": 1, "done": 0, "of": 1}
    assert lines(one(first, "table"))["Flow"][2]["text"] == {"k": "waiting_time"}
    then: Any = table(Inputs(again=1, timed=1))
    assert then["more"]["done"] == then["more"]["of"] == 1  # that is how a page knows its own steps
    assert lines(one(then, "table"))["Flow"][2]["text"] == "11"
    again = table(Inputs(again=2, timed=1))
    assert lines(one(again, "table"))["VAE"][2]["text"] == "11"


@pytest.mark.parametrize("cost", COSTS)
def test_the_chart_shows_each_family_once_and_rings_the_front(cost):
    made = board("trade", cost=cost)
    chart = one(made, "chart")
    found = {row["family"].card: row for row in figures_of()}
    spots = {}
    for spot in chart["spots"]:
        label = spot["label"]
        title = label["name"] if isinstance(label, dict) else label
        family = next(family for family in FAMILIES if family.title == title)
        assert isinstance(label, dict) == family.labelled
        spots[family.card] = spot
    assert set(spots) == set(found) and len(chart["spots"]) == len(found)
    for name, spot in spots.items():
        row = found[name]
        values = tuple(row[one]["value"] for one in (cost, "frechet", "coverage"))
        assert (spot["x"], spot["y"], spot["share"]) == values
        beaten = any(
            other is not row
            and other["family"].labelled == row["family"].labelled
            and other[cost]["low"] <= row[cost]["high"]
            and other["frechet"]["value"] < row["frechet"]["value"]
            and other["coverage"]["value"] > row["coverage"]["value"]
            for other in found.values()
        )
        assert spot["on"] != beaten
        assert chart["range"][0] <= spot["x"] <= chart["range"][1]
    for curve, row in zip(chart["series"], found.values()):
        assert curve["y"] == [row["frechet"]["low"], row["frechet"]["high"]]
    assert all(check["ok"] for check in made["checks"])


def test_the_law_of_the_front_sees_a_wrong_ring():
    rows = [(1.0, 1.0, 0.5), (2.0, 2.0, 0.4), (3.0, 0.5, 0.6)]
    assert law_of_front(rows, [True, False, True])["ok"]
    assert not law_of_front(rows, [True, True, True])["ok"]
    assert not law_of_front(rows, [True, False, False])["ok"]


# ---- images


def redrawn(made):
    return next(f["v"] for f in made["facts"] if f["label"]["k"] == "redrawn")


def test_the_sheets_are_of_the_seed_and_come_out_again():
    made = board("samples", pick=7)
    quick = [family for family in m.present_families() if not family.slow]
    assert redrawn(made) == f"{len(quick)} / {len(quick)}"
    assert made["checks"][0]["ok"] and made["checks"][0]["against"] == "VAE, numpy"
    tables = CASE.tables("samples", seed=0, pick=7)
    for family in quick:
        image = tables[family.card][6].reshape(28, 28)
        np.testing.assert_array_equal(image, drawing.draw(m.model(family.card), family, 0, 6)[0])


def test_a_false_image_is_told(monkeypatch):
    kept = load_shipped("vae-mnist")
    false = {**kept, "images": kept["images"][::-1]}
    true = m.shipped_images
    monkeypatch.setattr(
        m, "shipped_images", lambda family: false if family.card == "vae-mnist" else true(family)
    )
    board: Any = samples(Inputs(seed=0))
    assert not board["checks"][0]["ok"]
    same, of = map(int, redrawn(board).split(" / "))
    assert same == of - 1


def test_another_seed_is_drawn_in_pieces_and_each_piece_once(slow):
    plan = sheets.pieces(5)
    assert plan == [("vae-mnist", 64), *(("flow-mnist", n) for n in (16, 32, 48, 64))]
    asked_for, draw = [], drawing.draw
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "draw", lambda *a: asked_for.append((a[1].card, *a[3:])) or draw(*a))
        lots = [("vae-mnist", 0, 64), ("flow-mnist", 0, 16), ("flow-mnist", 16, 16)]
        for done in range(4):
            made = samples(Inputs(seed=5, drawn=done))
            assert asked_for == lots[:done]
            assert made["more"] == {"input": "drawn", "next": done + 1, "done": done, "of": 5}
    real_nvp = made["tables"]["flow-mnist"]
    assert len(real_nvp) == 32
    np.testing.assert_array_equal(
        real_nvp[31].reshape(28, 28), draw(m.model("flow-mnist"), slow, 5, 31)[0]
    )


def tiles(widget):
    """Return a sheet's 64 pictures, sorted."""
    shades = np.frombuffer(base64.b64decode(widget["shades"]), np.uint8).reshape(8, 28, 8, 28)
    return sorted(tile.tobytes() for tile in shades.swapaxes(1, 2).reshape(64, 28, 28))


def test_covered_sheets_hide_names_and_colours_and_the_turn_knows_the_real_one():
    made = board("samples", covered=True)
    sheets = list(widgets(made["frames"], "grey"))
    assert [w["label"] for w in sheets] == list("ABCDEFGHIJK"[: len(sheets)])
    assert {w["role"] for w in sheets} == {"ink"}
    real = sheets[made["turn"]["answer"]]
    assert tiles(real) == sorted(image.tobytes() for image in m.real()["images"])
    plain = [w["shades"] for w in widgets(board("samples")["frames"], "grey")]
    assert not {w["shades"] for w in sheets} & set(plain)  # nor does the order of labels tell


def test_a_slow_family_is_shown_once_its_images_are_there(slow):
    assert slow not in m.ready_families()
    with pytest.raises(InputError, match="family"):
        classes(Inputs(family=slow.card))
    m.images(slow, comparison.SEED)
    assert slow in m.ready_families()
    made = copies(Inputs(family=slow.card))
    assert made["checks"][0]["ok"] and len(made["tables"]["gap"]) == COUNT


def test_classes_are_counted_and_their_entropy_is_the_judges():
    made, tables = board("classes"), CASE.tables("classes", family="dcgan-mnist")
    labels = m.verdicts(load_shipped("dcgan-mnist")["images"])
    bars = [item["v"] for item in one(made, "bars")["items"]]
    assert bars == np.bincount(labels, minlength=10).tolist() and sum(bars) == COUNT
    assert tables["entropy"] == made["facts"][0]["v"] == comparison.entropy(labels)
    assert made["turn"]["blanks"][0]["rows"] == [[math.log(9)]]


def test_pairs_are_the_nearest_by_brute_force():
    made = board("copies", family="dcgan-mnist")
    kept, (bits, _) = load_shipped("dcgan-mnist"), neighbours.training_bits()
    shown = [int(w["text"]) for w in widgets(made["frames"], "text") if isinstance(w["text"], str)]
    assert shown == sorted(kept["gap"].tolist())[:PAIRS]
    first = int(np.argsort(kept["gap"], kind="stable")[0])
    mine = kept["images"][first].ravel() / 255 >= 0.5
    apart = (neighbours.unpack(bits[:20000]).reshape(20000, -1) != mine).sum(1)
    assert apart.min() >= kept["gap"][first] == shown[0]
    medians = {item["label"]: item["v"] for item in one(made, "bars")["items"][:-1]}
    said = comparison.read_figures()["families"]
    assert medians == {f.title: said[f.card]["gap"]["value"] for f in m.present_families()}


# ---- likelihood


def test_what_models_say_of_a_digit_is_what_they_say():
    import torch

    now = CASE.tables("likelihood", digit=3)["now"]
    from core.data.mnist import digits_sample
    from core.models.flow import real_nvp

    x = digits_sample()[0][3:4].float() / 255
    noise = torch.Generator().manual_seed(7)  # other draws than the lesson's
    with torch.no_grad():
        each = [real_nvp.log_likelihood(m.model("flow-mnist"), x, 1, noise) for _ in range(64)]
    theirs = -torch.cat(each)
    error = CASE.tables("likelihood", digit=3)["flow_error"]
    assert now["flow-mnist"] == pytest.approx(float(theirs.mean()), abs=4 * error)
    assert error == pytest.approx(float(theirs.std()) / 8, rel=0.5)
    made = board("likelihood", digit=3)
    assert made["turn"]["blanks"][0]["rows"][0][0] == now["vae-mnist"] / (784 * math.log(2))
    assert all(check["ok"] for check in made["checks"])
    said = lines(one(made, "table"))
    card = cards()["vae-mnist"].metrics
    assert said["VAE"][2]["text"]["v"] == f"{card['-ELBO']['value']:.2f}"
    assert said["VAE"][3]["text"] == f"{card['bits/dim']['value']:.4f}"
    assert [cell["text"] for cell in said["DCGAN"]][1:] == ["—"] * 3
    with torch.no_grad():
        exact = -float(m.model("pixelcnn-mnist").log_prob((x >= 0.5).float())[0])
    assert now["pixelcnn-mnist"] == pytest.approx(exact, abs=1e-3)
    exact = cards()["pixelcnn-mnist"].metrics["-log p"]["value"]
    assert said["PixelCNN"][2]["text"]["v"] == f"{exact:.2f}"


# ---- the blind test


def test_a_blind_test_is_tossed_for_and_shows_no_picture_twice():
    one_, other = BY_NAME["vae-mnist"], BY_NAME["ddpm-mnist"]
    counts = []
    for seed in range(60):
        pictures, kinds = trials(one_, other, seed)
        assert len(np.unique(pictures.reshape(len(pictures), -1), axis=0)) == len(pictures) == 40
        counts.append(np.bincount(kinds, minlength=3))
    share = np.array(counts) / 40
    assert share.mean(0) == pytest.approx([0.5, 0.25, 0.25], abs=0.03)
    binomial = np.sqrt(np.array([0.25, 0.1875, 0.1875]) / 40)
    assert share.std(0) == pytest.approx(binomial, rel=0.35)  # as independent tosses, not a split


def test_a_round_with_pixelcnn_is_black_and_white_throughout():
    pictures, kinds = trials(BY_NAME["vae-mnist"], BY_NAME["pixelcnn-mnist"], 2)
    assert set(np.unique(pictures)) == {0, 1} and set(kinds) == {0, 1, 2}
    grey, _ = trials(BY_NAME["vae-mnist"], BY_NAME["wgan-gp-mnist"], 2)
    assert len(np.unique(grey)) > 100
    facts = [one["label"]["k"] for one in board("blind", second="pixelcnn-mnist")["facts"]]
    assert facts.count("blind_binary") == 1
    assert "blind_binary" not in [one["label"]["k"] for one in board("blind")["facts"]]


def test_a_pixelcnn_s_images_are_each_of_its_own_noise():
    net, family = m.model("pixelcnn-mnist"), BY_NAME["pixelcnn-mnist"]
    many = drawing.draw(net, family, 3, 4, 3)
    for k in range(3):
        np.testing.assert_array_equal(many[k], drawing.draw(net, family, 3, 4 + k)[0])


def test_every_round_has_other_pictures():
    one_, other = BY_NAME["vae-mnist"], BY_NAME["wgan-gp-mnist"]
    first, second = (trials(one_, other, seed) for seed in (3, 4))
    made = [pictures[kinds > 0] for pictures, kinds in (first, second)]
    assert not (made[0][:, None] == made[1][None]).all((2, 3)).any()
    shown = [load_shipped(f.card)["images"] / 255 for f in (one_, other)]
    assert not (made[0][:, None] == np.concatenate(shown)[None]).all((2, 3)).any()
    again = trials(one_, other, 3)
    np.testing.assert_array_equal(again[0], first[0])
    assert len(m.real()["pool"]) >= 10 * 40  # the same real digit in two rounds is rare


def test_a_blind_test_asks_for_two_families():
    found = board("blind", first="vae-mnist", second="vae-mnist")
    assert found["inputs"] == {
        "second": "pixelcnn-mnist"
    }  # the next one, and the page takes it over
    assert found["frames"] == board("blind", second="pixelcnn-mnist")["frames"]


def test_the_worksheet_s_intervals_are_wilsons():
    turn = board("blind")["turn"]
    parts = turn["ask"]
    low, high = wilson(int(parts["right"]), int(parts["n"]))
    assert turn["blanks"][0]["rows"] == [[low], [high]]
    by_hand = [  # with z = 1.96, as the question says
        (0.7 + 1.96**2 / 40 + way * 1.96 * math.sqrt(0.21 / 20 + 1.96**2 / 1600))
        / (1 + 1.96**2 / 20)
        for way in (-1, 1)
    ]
    np.testing.assert_allclose(by_hand, [low, high], atol=1e-5)
    assert round(by_hand[0], 4) == round(low, 4) and round(by_hand[1], 4) == round(high, 4)


# ---- words


def test_no_scene_counts_on_a_model_that_may_be_missing():
    for scene in SCENES:
        for value in scene["inputs"].values():
            assert value not in ("ebm-mnist", "ddpm-mnist")


# ---- the API and files


def test_the_api_says_what_core_says():
    made = tab.compare_sample("dcgan-mnist", 2, 3)
    again = drawing.draw(m.model("dcgan-mnist"), BY_NAME["dcgan-mnist"], 3, 1)[0]
    np.testing.assert_array_equal(made["images"][1], again)
    assert made["classes"].shape == (2,)
    found = tab.compare_figures("flow-mnist")
    said = comparison.read_figures()
    assert found["frechet"] == said["families"]["flow-mnist"]["frechet"]
    assert found["floor"] == said["floor"] and found["samples"] == said["samples"]
    assert tab.compare_figures("ddpm-mnist")["sampler"] == {"steps": 50, "guidance": 2, "eta": 0}
    assert found["likelihood"]["bits"] == cards()["flow-mnist"].metrics["bits/dim"]["value"]
    assert tab.compare_interval(14, 20) == {
        "share": 0.7, "low": wilson(14, 20)[0], "high": wilson(14, 20)[1], "chance": True,
    }  # fmt: skip
    with pytest.raises(InputError, match="right"):
        tab.compare_interval(3, 2)


@pytest.mark.parametrize("scene", range(len(SCENES)), ids=[s["view"] for s in SCENES])
def test_a_scene_is_taken_away_as_figure_and_numbers(scene):
    view, inputs = SCENES[scene]["view"], SCENES[scene]["inputs"]
    for kind in ("svg", "csv", "json"):
        ask = {"view": view, "inputs": inputs, "kind": kind, "lang": "ko"}
        taken = json.loads(answers(tab.TAB)[2](ask))["ok"]
        assert taken["name"] == f"compare-{view}-0.{kind}" and len(taken["data"]) > 100


def test_who_draws_quickly_does_not_wait_for_who_draws_slowly(slow, monkeypatch):
    began, until = threading.Event(), threading.Event()

    def draw(family, model, seed, first, end):
        if family.card == "flow-mnist":
            began.set()
            assert until.wait(20)
        return [np.zeros((28, 28), np.uint8)] * (end - first)

    monkeypatch.setattr(m.sampling, "images", draw)
    waiting = threading.Thread(target=m.images, args=(slow, 5, 16), daemon=True)
    waiting.start()
    assert began.wait(20)
    assert len(m.images(BY_NAME["vae-mnist"], 5, 16)) == 16  # meanwhile
    until.set()
    waiting.join(20)
    assert len(m.images(slow, 5, 16)) == 16 and not waiting.is_alive()


@pytest.mark.parametrize(
    "at, others, side",
    [
        ((1, 1), [], "right"),
        ((1, 1), [(2, 1.1)], "left"),  # another disc stands where the name would
        ((1, 1), [(2, 5)], "right"),
        ((80, 1), [], "left"),  # the chart ends
        ((80, 1), [(50, 1)], "right"),
    ],
)
def test_a_name_stands_where_neither_a_disc_nor_the_chart_s_edge_is(at, others, side):
    assert side_of(at, [at, *others], (0.1, 100)) == side
