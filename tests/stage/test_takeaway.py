import base64
import csv
import io
import json
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from apps import TABS, hub
from apps.lessons.rnn.inputs import Inputs
from apps.rnn import TAB
from apps.stage import Tab, View
from apps.stage import board as b
from apps.stage.contract import Board
from apps.stage.server import takeaway
from apps.stage.server.boards import answers, scenes
from apps.stage.server.words import words
from apps.stage.widgets.chart import fill_histories
from core.inputs import InputError

NUMBERS = np.random.default_rng(3).normal(size=(5, 4))


def taken(tab, kind, view="step", inputs=None, **ask):
    board = {**tab.board(view, {})}
    tables = board.pop("tables", {})
    file = takeaway.take(tab, view, inputs or {}, {"kind": kind, **ask}, board, tables)
    return file, base64.b64decode(file["data"])


TABLES = {
    "h": NUMBERS,
    "h0": [0.1, -1e-300],
    "T": np.arange(8.0).reshape(2, 2, 2),
    "p": {"b": [None]},
}


def plain_tab(tables):
    view = [b.matrix(b.word("cell_at", name="가", row="1"), NUMBERS[i], "real") for i in (0, 1)]
    checks = [b.check(0, "t", 1), b.law(b.word("step"), 1, 1)]
    frames = [b.frame(v) for v in view]

    def board(inputs: Inputs) -> Board:
        return {"frames": frames, "values": {"x": 1 / 3}, "checks": checks, "tables": tables}

    return Tab("rnn", Inputs, {"step": View(board, ())}, ())


def test_csv_gives_back_the_same_float64_values():
    file, data = taken(plain_tab(TABLES), "csv", step=1)
    assert file["name"] == "rnn-step-1.csv"
    tables, name = {}, None
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))):
        if name is None and row:
            name = row[0]
            tables[name] = []
        elif row:
            tables[name].append(row)
        else:
            name = None
    assert list(tables) == ["h", "h0", "T[1]", "T[2]", "p.b"]
    assert np.array_equal(np.array(tables["h"], dtype=np.float64), NUMBERS)
    assert np.array_equal(np.array(tables["h0"], dtype=np.float64), [[0.1], [-1e-300]])
    assert np.array_equal(np.array(tables["T[2]"], dtype=np.float64), TABLES["T"][1])


def test_json_holds_the_scene_its_numbers_and_its_checks():
    _, data = taken(plain_tab(TABLES), "json", inputs={"seed": 3}, lang="en")
    scene = json.loads(data)
    assert list(scene) == ["view", "inputs", "tables", "checks", "values"]
    assert scene["inputs"] == {"seed": 3} and scene["values"] == {"x": 1 / 3}
    assert np.array_equal(scene["tables"]["h"], NUMBERS)
    assert scene["checks"][0]["tolerance"] == 1 and scene["checks"][1]["law"] == "Step"


def test_values_stand_in_for_missing_tables():
    assert taken(plain_tab({}), "csv")[1].decode("utf-8-sig") == "x\r\n0.3333333333333333\r\n\r\n"


@pytest.mark.parametrize(
    "ask, rule",
    [
        ({"kind": "pdf"}, "choice"),
        ({"kind": None}, "choice"),
        ({"kind": ["svg"]}, "choice"),
        ({"kind": "svg", "step": 2}, "integer"),
        ({"kind": "svg", "step": -1}, "integer"),
        ({"kind": "svg", "step": float("nan")}, "integer"),
        ({"kind": "svg", "step": "0"}, "integer"),
        ({"kind": "svg", "step": True}, "integer"),
        ({"kind": "png", "lang": "fr"}, "choice"),
        ({"kind": "gif", "decimals": 99}, "integer"),
    ],
)
def test_an_ask_that_cannot_be_met_is_refused_in_one_sentence(ask, rule):
    with pytest.raises(InputError, match="it must be") as refusal:
        tab = plain_tab({})
        takeaway.take(tab, "step", {}, ask, tab.board("step", {}), {})
    assert isinstance(refusal.value, ValueError) and refusal.value.rule == rule
    assert {"field", "got"} <= set(refusal.value.parts)


@pytest.mark.parametrize("lang, said", [("ko", "정확한 h · 층"), ("en", "exact h · 층")])
def test_labels_are_looked_up_and_filled(lang, said):
    speak = takeaway.speaker(lang, "rnn")
    assert speak(b.word("exact_of", q=["h", "· 층"])) == said
    assert speak(b.word("take.svg")) == words(lang, "stage")["take"]["svg"]
    assert speak(b.word("cell_at", name=b.word("step"), row=2.0)).count("{") == 2  # col, value
    assert speak(None) == "" and speak(4.0) == "4"
    with pytest.raises(KeyError, match="no words"):
        speak(b.word("take.exe"))


def test_paper_says_nothing_of_pressing():
    speak = takeaway.speaker("en", "pixelcnn")
    assert speak(b.word("digit_tossed", c=7)) == "test digit 7"


@pytest.mark.parametrize(
    "kind, start", [("svg", b"<?xml"), ("png", b"\x89PNG"), ("gif", b"GIF89a")]
)
def test_the_slide_is_taken_as_a_picture(kind, start):
    file, data = taken(TAB, kind, "slide", {"decimals": 3}, step=3, lang="ko", decimals=3)
    assert file["name"] == f"rnn-slide-3.{kind}" and data.startswith(start)


def test_a_run_is_drawn_from_what_the_page_shows():
    """The server keeps no run: figure, animation and curves come from the frames sent along."""
    run = [{"view": b.text(f"{i}")} for i in range(3)]
    file, data = taken(plain_tab({}), "gif", run=run)
    assert data[:4] == b"GIF8" and file["mime"] == "image/gif"
    history = [{"x": 0, "loss": 0.5}, {"x": 10, "loss": None}]
    _, data = taken(plain_tab({}), "json", history=history)
    assert json.loads(data)["tables"]["history"] == history


@pytest.mark.parametrize("run", [[], "x", None, [{"view": b.text("")}] * 41])
def test_a_run_of_no_or_too_many_frames_is_refused(run):
    with pytest.raises(InputError, match="run"):
        taken(plain_tab({}), "gif", run=run)


def test_a_history_becomes_the_chart_of_its_frames():
    curve = {"key": "loss", "name": "L", "role": "grad"}
    view = b.row(b.history("손실", [curve], x="step"))
    frames = [b.frame(view, values={"x": 10 * i, "loss": 1 / (i + 1)}, state="s") for i in range(3)]
    frames[1]["values"] = {"x": 10, "loss": None}
    chart = fill_histories(view, frames)["items"][0]
    assert chart["w"] == "chart"
    assert chart["series"][0]["x"] == [0, 10, 20]
    assert chart["series"][0]["y"] == [1, None, 1 / 3]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2+3", "@SUM(A1)", " =HYPERLINK(1)", "\t=1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(text):
    _, data = taken(plain_tab({text: [[text, -1.5]]}), "csv")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[0] == [f"'{text}"] and rows[1] == [f"'{text}", "-1.5"]


def test_markup_in_a_figure_stays_letters():
    tab = plain_tab({})
    view = b.text("</svg><script>alert(1)</script>&lt;", "real")
    board = {"frames": [b.frame(view)], "checks": []}
    file = takeaway.take(tab, "step", {}, {"kind": "svg"}, board, {})
    root = ElementTree.fromstring(base64.b64decode(file["data"]))
    assert not [node for node in root.iter() if node.tag.endswith("script")]


def heat_of(size, rows=((1.0,),), **changes) -> Any:
    """Return a heat map that a page might send."""
    return {**b.heat("", np.array(rows), span=1.0, size=90), "size": size, **changes}


@pytest.mark.parametrize("kind", ["png", "svg", "gif"])
@pytest.mark.parametrize(
    "view",
    [
        heat_of(4000),
        heat_of(1e9),
        heat_of(90, [[1.0]] * 9999),  # one column: a tower
        heat_of(90, mark=[1e7, 1e7]),  # drawn far outside of its box
        b.row(*[heat_of(900)] * 12),
        b.text("가나다라 " * 4000),
    ],
    ids=["4000 points", "a billion", "a tower", "far away", "a street", "a novel"],
)
def test_a_view_that_was_sent_is_no_larger_than_a_page(kind, view):
    with pytest.raises(InputError, match="too large to be drawn"):
        taken(plain_tab({}), kind, run=[{"view": view}])


def test_a_film_is_bounded_as_a_whole(monkeypatch):
    from apps.stage.paper import figures

    drawn = []
    frame = figures.figure(heat_of(900), {}, str, 2)
    monkeypatch.setattr(figures, "MOST_PIXELS", 3_000_000)
    with pytest.raises(InputError, match="too large"):
        figures.animation(lambda i: drawn.append(i) or frame, 40)
    assert 1 < len(drawn) < 10


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"w": "no such widget"},
        {"w": "heat"},
        {"w": "heat", "rows": "x", "span": 0, "size": "1"},
        {"w": "row", "items": 3},
        {"w": "row", "items": [None], "gap": []},
        {"w": "part", "id": "x"},
        {"w": "field", "layers": [{"layer": "surface", "levels": "!!"}]},
        heat_of(float("nan")),
    ],
)
def test_what_is_no_view_is_refused_in_one_sentence(view, caplog):
    with pytest.raises(InputError, match="is no picture that this page shows|too large"):
        taken(plain_tab({}), "png", run=[{"view": view}])
    assert not caplog.records


@pytest.mark.parametrize("one", [None, 3, [], {}, {"view": None}, {"view": [1]}])
def test_a_frame_that_is_none_is_refused(one):
    with pytest.raises(InputError, match="is no picture"):
        taken(plain_tab({}), "png", run=[one])


def test_a_frame_of_a_million_numbers_is_refused_before_it_is_drawn():
    with pytest.raises(InputError, match="too large"):
        taken(plain_tab({}), "png", run=[{"view": heat_of(90, [[0.0] * 1000] * 1000)}])


@pytest.mark.parametrize("history", [3, [3], [{"x": "y"}], [{"x": [1]}], "x", [None]])
def test_a_history_that_is_none_is_refused(history):
    with pytest.raises(InputError, match="history"):
        taken(plain_tab({}), "json", history=history)


def test_long_words_are_measured_but_not_remembered():
    from apps.stage.paper import pen

    before = pen._kept_width.cache_info().currsize
    for k in range(20):
        assert pen.width_of(f"{k}" + "x" * 500, 12) > 500
    assert pen._kept_width.cache_info().currsize == before


STRANGE = "점심 뭐 먹지 🎉 龍 👩‍💻"


@pytest.mark.parametrize("kind", ["svg", "png", "gif"])
def test_letters_that_the_fonts_lack_are_boxes_and_named(kind):
    def board(inputs: Inputs) -> Board:
        view = b.row(b.text(STRANGE), b.strip("", list(STRANGE)))
        return {"frames": [b.frame(view)], "checks": [], "tables": {}}

    file, data = taken(Tab("rnn", Inputs, {"step": View(board, ())}, ()), kind)  # no warning either
    assert set(file["lacks"]) == set("🎉龍👩💻") and len(data) > 500


def test_ordinary_letters_are_all_there():
    from apps.stage.paper import glyphs
    from apps.stage.paper.pen import NUMBERS as DIGITS
    from apps.stage.paper.pen import WORDS

    assert glyphs.lacking(["점심", "αβ∂∇√", "−3.5 ≤ x̂", {"k": ["ㅎ"]}], WORDS) == ""
    assert glyphs.drawable("龍1", DIGITS) == "□1" and glyphs.drawable("ok", WORDS) == "ok"
    for language in ("ko", "en"):
        for name in (*TABS, "stage", "errors"):
            assert glyphs.lacking(words(language, name), WORDS) == "", name


@pytest.mark.parametrize("name", TABS)
def test_the_figure_of_every_scene_can_be_taken_away(name):
    (tab,) = hub.tabs_of(name)
    board, _, take, _ = answers(tab)
    for n, scene in enumerate(scenes(tab), 1):
        frames = json.loads(board(scene))["ok"]["frames"]
        for step in {0, len(frames) - 1}:
            ask = {**scene, "lang": "ko", "kind": "svg", "step": step, "decimals": 4, "pace": 900}
            reply = json.loads(take(ask))
            assert "ok" in reply, (n, step, reply)
            ElementTree.fromstring(base64.b64decode(reply["ok"]["data"]))
