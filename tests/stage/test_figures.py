import io
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.image import BboxImage
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from PIL import Image

from apps.rnn import TAB
from apps.stage import board as b
from apps.stage import look
from apps.stage.numbers import format_number
from apps.stage.paper import figures, gif, pen
from apps.stage.paper.chart import Axes, ticks
from apps.stage.server.words import scenes

NUMBERS = np.random.default_rng(3).normal(size=(5, 4))
SPINS = np.random.default_rng(4).choice([-1, 1], size=25)
GRID = {"bits": "10", "rows": 1, "cols": 2, "size": 6}
CURVE = [3.0, 1.0, np.nan, 0.5, 0.25]

KINDS = {
    "text": (b.text("은닉 상태 ŷ₁₂ = ∂E/∂w"), ["은닉 상태 ŷ₁₂ = ∂E/∂w"]),
    "big": (b.text("h₋₁", size="big"), ["h₋₁"]),
    "note": (b.text("낱말 " * 40, size="wide"), []),
    "matrix": (b.matrix("W", [[-0.5, 10.25], [0.125, 2]], "hidden"), ["W", "−0.500", "10.250"]),
    "marked": (b.matrix("", ["⟨s⟩", 1.5], "ok", mark=[[1, 0]], on=[0]), ["⟨s⟩", "1.5"]),
    "empty": (b.matrix("빈", [], "ok"), ["빈"]),
    "lines": (b.lines("합", [["Σ = ", b.num(-1 / 3, "grad")], ["y"]], on=0), ["Σ = ", "−0.3333"]),
    "cells": (b.cells("지금", SPINS, (5, 5), flip=7), ["지금"]),
    "shades": (b.cells("섞임", [-1, -0.5, 0.2, 1], (2, 2), flip=[0, 3]), ["섞임"]),
    "chart": (
        b.chart(
            "손실",
            [b.series("가", CURVE, "made", band=(CURVE, CURVE)), b.series("나", CURVE, "real")],
            x="t",
            y="E",
            cursor=3,
            rules=[{"x": 2, "label": "이제"}, {"y": 1, "label": "둘째"}],
        ),
        ["손실", "가", "나", "t", "E", "이제", "둘째", "3"],
    ),
    "log": (b.chart("", [b.series("", [1e-5, 10.0, 0.0], "grad")], log=True), ["10⁻⁵", "10¹"]),
    "log of x": (
        b.chart("", [b.series("", [3.5, 7.5], "grad", x=[5, 200000])], xlog=True),
        ["10", "100", "1000", "10⁴", "10⁵"],
    ),
    "no points": (b.chart("없음", [b.series("", [np.nan], "grad")]), ["없음"]),
    "spots": (
        b.chart(
            "",
            [b.series("", [2.0], "made", x=[3.0]), b.series("", [5.0], "made", x=[4.0])],
            spots=[
                {"x": 3.0, "y": 2.0, "label": "오른쪽", "role": "made", "share": 0.3, "on": True},
                {"x": 4.0, "y": 5.0, "label": "위", "role": "made", "share": 1.0, "side": "above"},
                {"x": 4.0, "y": 5.0, "label": "빈", "role": "made", "share": 0, "side": "below"},
                {"x": 3.5, "y": 3.0, "label": "다", "role": "real", "share": None, "side": "left"},
            ],
        ),
        ["오른쪽", "위", "빈", "다"],
    ),
    "table": (
        b.table(
            "표",
            [b.head("이름"), b.head("값", "v", arrow="↓", unit="ms"), b.head("둘째")],
            [
                [b.cell("가"), b.cell("1.25", bar=0.5, role="made"), b.cell("9", bar=0)],
                [b.cell("나"), b.cell("아직 없다")],
            ],
            sort="sort",
            by="v",
            on=[0],
            faint=[1],
        ),
        ["표", "이름", "값 ↓", "ms", "둘째", "가", "1.25", "9", "나", "아직 없다"],
    ),
    "quiz": (
        b.quiz(
            "진짜?",
            np.random.default_rng(5).random((30, 4, 3)),
            [0, 1] * 15,
            [b.group("real", "진짜", 0, "real"), b.group("made", "생성", 1)],
            ["그렇다", "아니다"],
        ),
        ["진짜?", "1", "24"],
    ),
    "heat": (b.heat("Jᵢⱼ", NUMBERS, x="j", y="i", span=2, mark=(4, 3)), ["Jᵢⱼ", "i", "j", "−2.00"]),
    "raster": (
        b.raster(
            "판",
            [[1.5, -0.25], [0, np.nan]],
            digits=2,
            outlines=[b.outline(0, 1, role="grad"), b.outline(-1, 0, 3, 1, dashed=True)],
        ),
        ["판", "1.50", "−0.25", "0.00"],
    ),
    "raster of shades": (
        b.raster("빛", NUMBERS, role="hidden", span=2, ticks=True),
        ["빛", "0", "4"],
    ),
    "raster of signs": (b.raster("", NUMBERS, press=b.press("unit", [1], frame=1)), []),
    "bars": (
        b.bars(
            "겹침",
            [
                {"label": "오", "v": -0.5, "role": "real"},
                {"label": "", "v": 9, "role": "ok", "cells": GRID},
            ],
        ),
        ["겹침", "오", "−0.50", "9.00"],
    ),
    "net": (
        b.net(
            "망",
            [
                {"id": "a", "x": 40, "y": 30, "label": "x₁", "role": "real", "values": [0.5]},
                {"id": "b", "x": 160, "y": 30, "label": "h", "role": "hidden", "state": "now"},
                {"id": "c", "x": 160, "y": 120, "label": "긴 이름이 상자 밖으로", "role": "none"},
                {"id": "d", "x": 40, "y": 120, "label": "", "role": "ok", "state": "later"},
            ],
            [{"from": "a", "to": "b", "label": "U"}, {"from": "b", "to": "c", "state": "cut"}],
            200,
            150,
        ),
        ["망", "x₁", "0.50", "h", "U"],
    ),
    "field": (
        b.field(
            "평면",
            (-1, 1, -1, 1),
            [
                b.surface(NUMBERS, -1, 1, below="made", above="real"),
                b.surface(NUMBERS, 0, 1),
                None,
                b.curves([[[0, 0], [5, 5], [0.5, 1], [0.2, 0.1]]], "hidden", "격자"),
                b.arrows([[0, 0], [9, 9]], [[0.4, 0.4], [1, 1]], "grad", "기울기"),
                b.dots([[0, 0], [np.nan, 0]], "real", "실제"),
                b.dots("here", "made", "생성", shape="square"),
                b.dots([[0, 0.5], [0, 1]], "ink", "값", shape="cross", values=[1, -3], span=2),
                b.dots([[0, -1]], "ok", shape="ring"),
            ],
            size=240,
        ),
        ["평면", "격자", "기울기", "실제", "생성", "값"],
    ),
    "ties": (
        b.ties("봄", ["가", " ", "나"], ["q", "\n"], "w", names=("위", "아래"), now=1),
        ["봄", "가", "q", "¶", "위", "아래"],
    ),
    "ties of a part": (b.ties("", ["a", "bc"], ["d"], [[1], [0.5]]), ["a", "bc", "d"]),
    "many ties": (
        b.ties("", list("가나") * 15, list("ab "), np.full((30, 3), 1 / 3), now=2),
        ["가", "나", "a", "b"],
    ),
    "lookup": (
        b.lookup("표", ["a", " "], ["긴 낱말", "z"], [[0.9, 0.1], [1, np.nan]], now=0, digits=2),
        ["표", "a", "긴 낱말", "z", "0.90"],
    ),
    "strip": (
        b.strip("글", list("ab 다\n각"), shades=[0, 0.3, 1, 0.7, 0, 1], now=1, later=5, width=60),
        ["글", "a", "다", "¶"],
    ),
    "heads": (
        b.heads(
            "머리",
            [
                [
                    {"name": "1", "weights": "w", "on": True},
                    {"name": "2", "weights": [[0.5, 0.5]], "off": True, "picks": {"head": 2}},
                ]
            ],
        ),
        ["머리", "1", "2"],
    ),
    "row": (b.row(b.text("a"), b.column(b.text("b"), b.part("p")), gap="wide"), ["a", "b", "나눔"]),
    "dim": ({**b.row(b.heat("흐림", NUMBERS), b.text("x")), "dim": True}, ["흐림", "x"]),
}  # fmt: skip
PARTS = {
    "p": b.text("나눔"),
    "here": {"at": [[0.1, 0.1]]},
    "w": {"rows": [[0.2, 0.8], [1, 0], [None, 0.3]]},
}


def say(label):
    return str(label["k"]) if isinstance(label, dict) else str(label)


def drawn(view, **options):
    return figures.figure(view, PARTS, say, 4, **options)


def texts(figure) -> list[Any]:
    return figure.findobj(Text)


def patches(figure) -> list[Any]:
    return figure.findobj(PathPatch)


def strings(figure):
    return [t.get_text() for t in texts(figure)]


def assert_inside(figure):
    """Every artist's box lies in the figure, as the renderer measures it."""
    renderer = figure.canvas.get_renderer()
    width, height = figure.canvas.get_width_height()
    for artist in figure.get_children()[1:]:
        box = artist.get_window_extent(renderer)
        assert box.x0 >= 0 and box.y0 >= 0, artist
        assert box.x1 <= width + 1 and box.y1 <= height + 1, artist


# ---- every widget


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_widget_is_drawn_whole_with_its_text(kind, theme):
    view, expected = KINDS[kind]
    figure = drawn(view, theme=theme)
    assert set(expected) <= set(strings(figure))
    assert_inside(figure)
    image = figures.pixels(figure, 100)  # a missing glyph warns, and warnings are errors
    assert 20 < image.width < 1100 and 20 < image.height < 700
    assert len(np.unique(np.asarray(image).reshape(-1, 3), axis=0)) > 5


def test_korean_and_symbols_are_in_the_shipped_fonts():
    files = [findfont(FontProperties(family=f), fallback_to_default=False) for f in pen.WORDS]
    assert files[0].endswith("apps/stage/paper/fonts/Pretendard-Regular.otf")
    covered = set().union(*(get_font(f).get_charmap() for f in files))
    assert not {c for c in "값궤뷁₀₁₂₉₋₊ŷ∂Σσ⊙−‖→·⁻⁹ᵀρΔθ✓" if ord(c) not in covered}


def test_roles_have_the_page_colours():
    assert pen.INK == {theme: look.colours(theme) for theme in look.THEMES}


def test_matrix_columns_align_at_the_point_and_rows_at_the_brackets():
    figure = drawn(
        b.row(b.matrix("W", NUMBERS, "real"), b.text("="), b.matrix("x", [[1.0]], "real"))
    )
    column = [
        t
        for t in texts(figure)
        if t.get_text()[1:] in {format_number(v, 4)[1:] for v in NUMBERS[:, 0]}
    ]
    assert len({t.get_position()[0] for t in column}) == 1
    middle = {t.get_text(): t.get_position()[1] for t in texts(figure)}
    third = middle[format_number(NUMBERS[2, 0], 4)]
    assert middle["1"] == pytest.approx(third)
    assert middle["="] == pytest.approx(third, abs=2)


def test_heat_is_vermilion_above_zero_and_blue_below():
    figure = drawn(b.heat("", [[1.0, -1.0, 0.0]]))
    image: Any = next(a for a in figure.get_children() if isinstance(a, BboxImage))
    assert np.asarray(image.get_array()).tolist() == [
        [[213, 94, 0], [0, 114, 178], [255, 255, 255]]
    ]


def test_cells_draw_as_many_squares_as_there_are():
    figure = drawn(b.cells("", SPINS, (5, 5)))
    closed = [p.get_path().codes.tolist().count(79) for p in patches(figure)]
    assert sorted(closed) == sorted([int((SPINS < 0).sum()), int((SPINS > 0).sum())])


def test_shaded_cells_lie_between_off_and_on():
    figure = drawn(b.cells("", [-1, 0, 1, 0], (2, 2)))
    greys = [np.mean(p.get_facecolor()[:3]) for p in patches(figure)]
    assert greys[1] == pytest.approx((greys[0] + greys[2]) / 2) and greys[0] > greys[2]


def test_curve_goes_through_its_values_and_breaks_at_a_gap():
    widget = b.chart("", [b.series("", CURVE, "grad")], low=0, high=4)
    axes = Axes(widget)
    assert axes.point(0, 4.0) == (58, pytest.approx(12)) and axes.point(4, 0.0) == (400, 220)
    line = next(p for p in patches(drawn(widget)) if len(p.get_path()) == 4)
    assert line.get_path().codes.tolist() == [1, 2, 1, 2]
    assert ticks(0, 4, 5) == [0, 1, 2, 3, 4] and ticks(-0.3, 0.3, 5) == [-0.2, 0, 0.2]


def test_paragraph_breaks_between_words():
    rows = pen.wrap("가나다 " * 30, 15, 200)
    assert " ".join(rows).split() == ["가나다"] * 30
    assert all(pen.width_of(r, 15) <= 200 for r in rows) and len(rows) > 3


# ---- files


def test_png_has_200_dots_an_inch_and_white_paper():
    figure = drawn(KINDS["matrix"][0])
    image = Image.open(io.BytesIO(figures.png(figure)))
    assert (
        image.format == "PNG" and image.mode == "RGB" and image.getpixel((0, 0)) == (255, 255, 255)
    )
    assert image.info["dpi"] == pytest.approx((200, 200), abs=0.1)
    assert image.size == pytest.approx(figure.get_size_inches() * 200, abs=1)


def test_svg_has_outlines_and_no_text():
    root = ET.fromstring(figures.svg(drawn(KINDS["lines"][0])))
    tags = {node.tag.split("}")[1] for node in root.iter()}
    assert "path" in tags and "text" not in tags


@pytest.mark.parametrize("write", [figures.png, figures.svg])
def test_many_threads_draw_what_one_draws(write):
    views = [KINDS[k][0] for k in ("matrix", "lines", "chart", "net")] * 4
    alone = [write(drawn(v)) for v in views[:4]] * 4
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(lambda v: write(drawn(v)), views)) == alone


@pytest.mark.parametrize("count, kept", [(1, 1), (3, 3), (90, 40)])
def test_animation_keeps_at_most_forty_frames_of_one_size(count, kept):
    asked = []

    def draw(i):
        asked.append(i)
        return drawn(b.matrix("t", [[float(i)] * (1 + (i > 1))], "real"))

    film = Image.open(io.BytesIO(figures.animation(draw, count, 300, dpi=40)))
    assert getattr(film, "n_frames", 1) == kept and asked[0] == 0 and asked[-1] == count - 1
    steps = np.diff(asked)
    assert kept == 1 or steps.max() - steps.min() <= 1
    if kept > 1:
        assert film.info["loop"] == 0 and film.info["duration"] == 300
        for i in range(kept):
            film.seek(i)
            assert film.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_gif_keeps_flat_colours_exactly():
    shot = figures.pixels(drawn(KINDS["matrix"][0]), 72)
    frame = gif.index_colours([shot])[0].convert("RGB")
    gap = np.abs(np.asarray(frame).astype(int) - np.asarray(shot)).max(axis=2)
    assert gap.max() <= 24 and (gap == 0).mean() > 0.9
    small = Image.new("RGB", (4, 4), "#fff")
    assert {s.size for s in gif.centre([shot, small])} == {shot.size}


@pytest.mark.parametrize("scene", scenes("rnn"), ids=lambda s: s["view"])
def test_each_scene_of_the_rnn_fits_its_figure(scene):
    made = TAB.board(scene["view"], scene["inputs"])
    for frame in (made["frames"][0], made["frames"][-1]):
        figure = figures.figure(frame["view"], made.get("parts", {}), say, 4)
        assert strings(figure)
        assert_inside(figure)
