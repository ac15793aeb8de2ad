"""The page and the paper draw the same widgets by the same rules."""

import base64
import inspect
import io
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from matplotlib.text import Text
from PIL import Image

from apps.stage import board as b
from apps.stage import look, widgets
from apps.stage.paper import cells, codes, figures, layout
from apps.stage.paper.pen import NUMBERS, width_of

STAGE = Path(look.__file__).parent
HELPERS = {  # files of each half that draw or build no widget by themselves
    "widgets": {"__init__", "base"},
    "paper": {"__init__", "axes", "figures", "gif", "glyphs", "legend", "pen", "rules", "sides"},
    "web/widgets": {
        "axes",
        "beside",
        "draw",
        "heads",
        "layers",
        "letters",
        "load",
        "lookup",
        "readout",
        "score",
        "shades",
        "sides",
        "ties",
        "touch",
    },
}
XS, YS = [-2.0, -1.0, 0.0, 1.0, 2.0], [2.0, 1.0, 0.0, -1.0, -2.0]


def names(folder: str) -> set[str]:
    """Return the widgets that have a file in a folder of the stage."""
    files = [p for p in (STAGE / folder).iterdir() if p.suffix in (".py", ".js")]
    return {p.stem for p in files} - HELPERS[folder]


def kinds(union: Any) -> set[str]:
    """Return every "w" that a widget can have."""
    types = get_args(union)
    hints = [get_type_hints(one, localns={"Widget": widgets.Widget}) for one in types]
    return {kind for one in hints for kind in get_args(one["w"])}


def sprite() -> str:
    """Return an empty picture's data URL."""
    out = io.BytesIO()
    Image.new("L", (20, 20)).save(out, "png")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


def marked(*places):
    marks = [
        {"x": x, "y": y, "label": f"{x:g}, {y:g}", "role": "made", "on": i == 0}
        for i, (x, y) in enumerate(places)
    ]
    return b.plane("", sprite(), XS, YS, marks=marks, size=360, tile=4)


TURNED = b.lookup("", ["a", "b"], ["a long word", "b"], [[0.9, 0.1], [0.2, 0.8]], cell=24)


def drawn(view) -> Any:
    return figures.figure(view, {}, str, 4)


def test_a_subscript_on_paper_is_smaller_and_stands_lower():
    view = b.lines("", [["p_y(x) = p_{t−1} / ", b.num(0.4, "made")]])
    said = [one for one in drawn(view).findobj(Text) if one.get_text()]
    assert [one.get_text() for one in said] == ["p", "y", "(x) = p", "t−1", " / ", "0.4"]
    (p, y, rest, before, *_), size = said, look.number("lines", "size")
    assert [one.get_fontsize() / size for one in (p, y, rest, before)] == pytest.approx(
        [1, 0.72, 1, 0.72]
    )
    assert p.get_position()[1] == rest.get_position()[1] < y.get_position()[1]  # y runs down
    assert p.get_position()[0] < y.get_position()[0] < rest.get_position()[0]
    assert width_of("p_y", size, NUMBERS) < width_of("py", size, NUMBERS)


# ---- names


def test_each_widget_has_a_file_of_its_own_in_every_half():
    assert names("widgets") == names("paper")
    if (STAGE / "web" / "widgets").exists():
        assert names("widgets") == names("web/widgets")


def test_paper_draws_every_widget_that_can_be_built():
    assert kinds(widgets.Widget) == set(figures.DRAW)
    assert len(kinds(widgets.Widget)) >= 21


def test_a_type_that_has_a_kind_is_one_of_the_widgets():
    modules = [getattr(widgets, name) for name in names("widgets")]
    typed = {
        one
        for module in modules
        for _, one in inspect.getmembers(module, inspect.isclass)
        if "w" in getattr(one, "__annotations__", {}) and "Literal" in str(one.__annotations__["w"])
    }
    assert typed == set(get_args(widgets.Widget))


# ---- four rules, each in its two halves


def test_paper_takes_gaps_from_the_tokens():
    a, c = drawn(b.column(b.text("a"), b.text("c"), gap="mid")).findobj(Text)[:2]
    apart = c.get_position()[1] - a.get_position()[1]
    line = look.number("text", "size", "usual") * look.number("text", "bare", "line")
    assert apart - line == pytest.approx(look.number("column", "gap", "mid"))
    assert layout.gap_of("column", "tight swap") == look.number("column", "gap", "tight")
    assert [cells.gap(size, 9) for size in (15, 14, 8, 7, 4, 3)] == [3, 2, 2, 1, 1, 0]
    assert cells.gap(15, 64) == 0


@pytest.mark.parametrize(
    ("x", "y", "align", "below"),
    [
        (0, 0, "left", False),
        (1.9, 0, "right", False),
        (0, 2.3, "left", True),
        (2, 2.3, "right", True),
    ],
)
def test_a_name_in_the_plane_stays_inside_of_it(x, y, align, below):
    figure = drawn(marked((x, y)))
    (said,) = [t for t in figure.findobj(Text) if t.get_text()]
    across, down = 360 * codes.share(XS, x), 360 * codes.share(YS, y)
    assert said.get_horizontalalignment() == align
    assert (said.get_position()[1] > down) == below
    assert (said.get_position()[0] > across) == (align == "left")
    width, height = figure.get_size_inches() * 72
    assert (width, height) == pytest.approx((360 + 36, 360 + 36), abs=2)  # nothing reaches out


def test_a_long_token_over_a_lookup_is_turned_and_keeps_its_size():
    figure = drawn(TURNED)
    said = {t.get_text(): t for t in figure.findobj(Text) if t.get_rotation() == 90}
    assert set(said) == {"a long word", "b"}
    size = min(15.0, 0.72 * 24)
    assert {t.get_fontsize() for t in said.values()} == {size}
    tall = figure.get_size_inches()[1] * 72 - 2 * look.number("figure", "margin")
    wide = width_of("a long word", size, NUMBERS)
    assert tall == pytest.approx(wide + look.number("lookup", "gap", "turned") + 2 * 24 + 1, abs=1)
    assert not {
        t.get_rotation() for t in drawn(b.lookup("", ["a"], ["b"], [[1]])).findobj(Text)
    } & {90}
