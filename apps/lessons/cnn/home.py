"""The picture on the lesson's card of the home page."""

from __future__ import annotations

from apps.lessons.cnn.inputs import Inputs
from apps.stage import board as b


def picture() -> b.Widget:
    """Draw a digit and the maps of both layers of the small net."""
    from apps.lessons.cnn.net import walk_of

    found = walk_of(Inputs())
    columns = [
        b.column(
            *(b.raster("", values, role="hidden", span=float(maps.max()), size=56)
              for values in maps[:3]),
            gap="tight",
        )
        for maps in (found.maps[0], found.maps[2], found.maps[3])
    ]  # fmt: skip
    shown: list[b.Widget] = [b.raster("", found.image, role="real", size=112)]
    for one in columns:
        shown += [b.text("→"), one]
    return b.row(*shown)
