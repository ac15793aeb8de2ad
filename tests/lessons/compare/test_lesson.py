"""The comparison tab: scenes say what cards say, empty rows say so, a blind test is blind."""

import base64
import dataclasses
import json
import math
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
from apps.lessons.compare.trade import law_of_front, trade
from apps.lessons.shared import nets
from apps.stage.server import words
from apps.stage.server.boards import answers
from core.inputs import InputError
from core.measure import comparison, neighbours
from core.measure.comparison import BY_NAME, COUNT
from core.measure.intervals import wilson
from core.weights.card import WeightError, cards
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


def test_every_figure_of_the_table_is_its_cards():
    made = board("table")
    there = lines(one(made, "table"))
    for family in m.present_families():
        card, cells = cards()[family.card], there[family.title]
        figures = comparison.figures(card)
        for measure, cell in zip(comparison.MEASURES, cells):
            if measure.name != "ms":
                shown = figures_table.format_figure(measure.name, figures[measure.name])
                assert cell["text"].rstrip("*") == shown, (family.card, measure.name)
        assert float(cells[4]["text"].rstrip("*")) == pytest.approx(
            card.metrics["Fréchet"]["value"], abs=6e-4
        )
    assert [check["ok"] for check in made["checks"]] == [True, True]


def test_a_distance_of_fewer_samples_is_marked_and_its_own_floor_said(monkeypatch):
    rows = figures_of()
    for row in rows:
        if row["here"]:
            row["count"], row["floor"] = 10_000, 0.02
    rows[1]["count"], rows[1]["floor"] = 2_000, 0.048
    monkeypatch.setattr(m, "rows", lambda again, timed: rows)
    for made in (table(Inputs()), trade(Inputs())):
        note = [w["text"] for w in widgets(made["frames"], "text") if w["text"]["k"] == "fewer"]
        assert note == [{"k": "fewer", "name": "DCGAN", "n": "2,000", "floor": "0.048"}]
    found = one(table(Inputs()), "table")
    marked = [row[0]["text"] for row in found["rows"] if len(row) > 5 and "*" in row[5]["text"]]
    assert marked == ["DCGAN"] and found["rows"][-1][5]["text"] == "0.020"
    assert table(Inputs())["facts"][0]["v"] == "10,000"
    (rule,) = one(trade(Inputs()), "chart")["rules"]
    assert rule["y"] == 0.02


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
    made = board("classes")
    assert one(made, "text")["text"]["why"]["k"] == "weights_missing"
    assert made["checks"][0]["ok"]


@pytest.mark.parametrize("by", SORTS[1:])
def test_sorting_puts_the_best_first_and_the_unknown_last(by):
    table = one(board("table", sort=by), "table")
    names = [row[0]["text"] for row in table["rows"][:-1]]
    found = {row["family"].title: row.get(by) for row in figures_of()}
    values = [found[name] for name in names]
    known = [v for v in values if v is not None]
    assert known == sorted(known, reverse=bool(figures_table.UP[by]))
    assert values[: len(known)] == known and table["by"] == by
    assert {head["key"] for head in table["heads"]} == set(SORTS)


def test_slow_families_are_timed_one_after_the_other(slow, monkeypatch):
    monkeypatch.setattr(m, "pace", lambda name, digest, again: (1e-3 * len(name) + again, 3))
    first: Any = table(Inputs(timed=0))
    assert first["more"] == {"input": "timed", "next": 1, "done": 0, "of": 1}
    assert lines(one(first, "table"))["Flow"][3]["text"] == {"k": "waiting"}
    then: Any = table(Inputs(timed=1))
    assert then["more"]["done"] == then["more"]["of"] == 1  # that is how a page knows its own steps
    assert lines(one(then, "table"))["Flow"][3]["text"] == "10.0"
    again = table(Inputs(timed=1, again=2))
    assert lines(one(again, "table"))["VAE"][3]["text"] == "2009.0"


@pytest.mark.parametrize("cost", COSTS)
def test_the_chart_shows_each_family_once_and_rings_the_front(cost):
    made = board("trade", cost=cost)
    chart = one(made, "chart")
    found = {row["family"].title: row for row in figures_of() if row["here"] and row[cost]}
    assert {spot["label"] for spot in chart["spots"]} == set(found)
    for spot in chart["spots"]:
        row = found[spot["label"]]
        assert (spot["x"], spot["y"], spot["share"]) == (row[cost], row["frechet"], row["coverage"])
        beaten = any(
            other is not row
            and other[cost] <= row[cost]
            and other["frechet"] <= row["frechet"]
            and other["coverage"] >= row["coverage"]
            for other in found.values()
        )
        assert spot["on"] != beaten
        assert chart["range"][0] <= spot["x"] <= chart["range"][1]
    assert all(check["ok"] for check in made["checks"])


def test_the_law_of_the_front_sees_a_wrong_ring():
    rows = [(1.0, 1.0, 0.5), (2.0, 2.0, 0.4), (3.0, 0.5, 0.6)]
    assert law_of_front(rows, [True, False, True])["ok"]
    assert not law_of_front(rows, [True, True, True])["ok"]
    assert not law_of_front(rows, [True, False, False])["ok"]


# ---- images


def test_the_sheets_are_of_the_seed_and_come_out_again():
    made = board("samples", pick=7)
    law = made["checks"][0]
    quick = [family for family in m.present_families() if not family.slow]
    assert law["holds"] == law["of"] == len(quick) and law["ok"]
    tables = CASE.tables("samples", seed=0, pick=7)
    for family in quick:
        image = tables[family.card][6].reshape(28, 28)
        np.testing.assert_array_equal(image, comparison.draw(m.model(family.card), family, 0, 6))


def test_a_false_image_is_told(monkeypatch):
    kept = load_shipped("vae-mnist")
    false = {**kept, "images": kept["images"][::-1]}
    true = m.shipped_images
    monkeypatch.setattr(
        m, "shipped_images", lambda family: false if family.card == "vae-mnist" else true(family)
    )
    board: Any = samples(Inputs(seed=0))
    law = board["checks"][0]
    assert not law["ok"] and law["holds"] == law["of"] - 1


def test_another_seed_is_drawn_in_pieces_and_each_piece_once(slow):
    plan = sheets.pieces(5)
    assert plan == [("vae-mnist", 64), *(("flow-mnist", n) for n in (16, 32, 48, 64))]
    asked_for, draw = [], comparison.draw
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            comparison, "draw", lambda *a: asked_for.append((a[1].card, a[3])) or draw(*a)
        )
        for done, many in enumerate((0, 64, 80, 96)):
            made = samples(Inputs(seed=5, drawn=done))
            assert len(asked_for) == many
            assert made["more"] == {"input": "drawn", "next": done + 1, "done": done, "of": 5}
    real_nvp = made["tables"]["flow-mnist"]
    assert len(real_nvp) == 32
    np.testing.assert_array_equal(
        real_nvp[31].reshape(28, 28), draw(m.model("flow-mnist"), slow, 5, 31)
    )


def tiles(widget):
    """Return a sheet's 64 pictures, sorted."""
    shades = np.frombuffer(base64.b64decode(widget["shades"]), np.uint8).reshape(8, 28, 8, 28)
    return sorted(tile.tobytes() for tile in shades.swapaxes(1, 2).reshape(64, 28, 28))


def test_covered_sheets_hide_names_and_colours_and_the_turn_knows_the_real_one():
    made = board("samples", covered=True)
    sheets = list(widgets(made["frames"], "grey"))
    assert [w["label"] for w in sheets] == list("ABCDEFGHIJ"[: len(sheets)])
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
    assert medians["DCGAN"] == np.median(kept["gap"])


# ---- likelihood


def test_what_models_say_of_a_digit_is_what_they_say():
    import torch

    now = CASE.tables("likelihood", digit=3)["now"]
    from core.data.mnist import digits_sample
    from core.models.flow import real_nvp

    x = digits_sample()[0][3:4].float() / 255
    noise = torch.Generator().manual_seed(0)
    with torch.no_grad():
        theirs = real_nvp.log_likelihood(m.model("flow-mnist"), x, 1, noise)
    assert now["flow-mnist"] == pytest.approx(-float(theirs[0]), rel=1e-6)
    made = board("likelihood", digit=3)
    assert made["turn"]["blanks"][0]["rows"][0][0] == now["vae-mnist"] / (784 * math.log(2))
    assert all(check["ok"] for check in made["checks"])
    said = lines(one(made, "table"))
    card = cards()["vae-mnist"].metrics
    assert said["VAE"][2]["text"]["v"] == f"{card['-ELBO']['value']:.2f}"
    assert said["VAE"][3]["text"] == f"{card['bits/dim']['value']:.4f}"
    assert [cell["text"] for cell in said["DCGAN"]][1:] == ["—"] * 3


# ---- the blind test


def test_a_blind_test_is_half_real_and_shows_no_picture_twice():
    one_, other = BY_NAME["vae-mnist"], BY_NAME["dcgan-mnist"]
    pictures, kinds = trials(one_, other, 3)
    assert np.bincount(kinds).tolist() == [20, 10, 10]
    assert len(np.unique(pictures.reshape(len(pictures), -1), axis=0)) == len(pictures)
    sources = [m.real()["images"], *(load_shipped(f.card)["images"] for f in (one_, other))]
    for picture, kind in zip(pictures, kinds):
        assert (np.round(picture * 255) == sources[kind]).all((1, 2)).any()
    again = trials(one_, other, 3)
    np.testing.assert_array_equal(again[1], kinds)
    assert (trials(one_, other, 4)[1] != kinds).any()


def test_a_blind_test_asks_for_two_families():
    found = board("blind", first="vae-mnist", second="vae-mnist")
    assert found["inputs"] == {"second": "dcgan-mnist"}  # the next one, and the page takes it over
    assert found["frames"] == board("blind", second="dcgan-mnist")["frames"]


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


def said(scene, part):
    for language in words.LANGUAGES:
        yield words.words(language, "compare")["scene"][scene][part]


def test_the_last_answer_says_the_intervals_it_computes():
    shares = [f"{100 * v:.0f} %" for pair in (wilson(14, 20), wilson(70, 100)) for v in pair]
    for text in said(6, "answer"):
        assert all(share in text for share in shares), shares


def test_the_second_answer_holds_size_and_quality_rank_differently():
    rows = [row for row in figures_of() if row["here"]]
    by_size = sorted(rows, key=lambda row: row["parameters"])
    by_quality = sorted(rows, key=lambda row: -row["frechet"])
    assert [r["family"].card for r in by_size] != [r["family"].card for r in by_quality]


def test_what_the_scenes_say_of_the_measures_is_what_the_cards_say():
    for family in m.present_families():
        assert "2000 test images" in cards()[family.card].metrics["coverage"]["how"]
    for part in said(3, "answer"):
        assert "2,000" in part
    for part in said(3, "say"):
        assert f"{math.log(10):.3f}" in part
    vae, real_nvp = (comparison.likelihood(cards()[n]) for n in ("vae-mnist", "flow-mnist"))
    assert vae and real_nvp and vae["bits"] < min(1, real_nvp["bits"])


def test_no_scene_counts_on_a_model_that_may_be_missing():
    for scene in SCENES:
        for value in scene["inputs"].values():
            assert value not in ("ebm-mnist", "ddpm-mnist")


# ---- the API and files


def test_the_api_says_what_core_says():
    made = tab.compare_sample("dcgan-mnist", 2, 3)
    again = comparison.draw(m.model("dcgan-mnist"), BY_NAME["dcgan-mnist"], 3, 1)
    np.testing.assert_array_equal(made["images"][1], again)
    assert made["classes"].shape == (2,)
    found = tab.compare_figures("flow-mnist")
    assert found["frechet"] == cards()["flow-mnist"].metrics["Fréchet"]["value"]
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
