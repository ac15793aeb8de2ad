"""The page draws its widgets by the rules of the paper: measured in a browser."""

import json

import pytest

from apps.stage import board as b
from apps.stage.paper import cells, codes, layout, matrix
from tests.browser.test_joined import JOINED
from tests.stage.test_halves import TURNED, XS, YS, marked

pytestmark = pytest.mark.browser


def boxed(page, view, look_for):
    """Return where a widget's elements stand on the page, {x, y, w, h} from the figure's corner."""
    return page.evaluate(
        """async ([view, path, look]) => {
            const { draw, still } = (await import(path)).load("widgets/draw.js");
            const stage = document.querySelector(".fit") || document.body;
            const scale = (node) => node.currentCSSZoom ?? 1;
            const drawn = draw(view, still());
            stage.replaceChildren(drawn);
            const corner = drawn.getBoundingClientRect();
            return [...drawn.querySelectorAll(look)].map((node) => {
                const { x, y, width, height } = node.getBoundingClientRect();
                const z = scale(node);
                return [(x - corner.x) / z, (y - corner.y) / z, width / z, height / z];
            });
        }""",
        [json.loads(json.dumps(view)), JOINED, look_for],
    )


def test_the_page_draws_by_the_same_rules(watch):
    page = watch("/rnn?scene=1&lang=en").page
    items = [b.text(str(i), size="small") for i in range(2)]
    (_, y0, _, high), (_, y1, _, _) = boxed(page, b.column(*items, gap="mid"), ".text")
    assert y1 - y0 - high == pytest.approx(layout.gap_of("column", "mid"), abs=0.5)
    for size in (22, 10, 5, 3, 2):
        (x0, _, wide, _), (x1, *_) = boxed(
            page, b.cells("", [1, -1], (1, 2), size=size), ".cells i"
        )
        assert x1 - x0 - wide == pytest.approx(cells.gap(size, 2), abs=0.1)
    for x, y, where in [(0, 0, "start"), (1.9, 0, "end"), (0, 2.3, "start")]:
        view = marked((x, y))
        ((left, top, wide, high),) = boxed(page, view, "text.marked")
        dx, dy, _ = codes.beside(360 * codes.share(XS, x), 360 * codes.share(YS, y), 360)
        assert (left + wide / 2 > 360 * codes.share(XS, x)) == (where == "start") == (dx > 0)
        assert (top + high / 2 > 360 * codes.share(YS, y)) == (dy > 0)
    turned = boxed(page, TURNED, "text.token")
    assert sum(high > 2 * TURNED["cell"] for *_, high in turned) == 1
    rows = boxed(page, b.matrix("", [[1.5, 2], [3, 4]], "real"), "td")
    assert rows[0][3] == pytest.approx(matrix.HIGH, abs=0.3)
