"""The axes of a chart on paper: its ranges, round ticks, and where a number stands."""

from __future__ import annotations

import math
from typing import cast

from apps.stage.look import numbers
from apps.stage.widgets import chart as widgets

MARGIN, TICK = numbers("chart", "margin"), numbers("chart", "tick")
SHARE = numbers("chart", "share")


class Curve(widgets.Series):
    """A curve whose places on x are known."""

    at: list[float]  # where its values stand on x


class Axes:
    """A chart's ranges, and how its numbers become places in points from its top left."""

    def __init__(self, widget: widgets.Chart):
        self.w, self.h, self.log = widget["width"], widget["height"], widget["log"]
        self.wide = widget["xlog"]
        self.curves = [
            cast(Curve, {**s, "at": s["x"] or list(range(len(s["y"])))}) for s in widget["series"]
        ]
        drawn = [v for s in self.curves for v in s["y"] if v is not None]
        self.counted = all(float(v).is_integer() for v in drawn)
        bands = [v for s in self.curves for side in s["band"] or () for v in side]
        seen = [v for s in self.curves for v in s["y"]] + bands
        seen += [r["y"] for r in widget["rules"] if "y" in r] + [widget["low"], widget["high"]]
        ys = [self.map(v) for v in seen if v is not None and self.good(v)]
        xs = widget["range"] or [
            x for s in self.curves for x, y in zip(s["at"], s["y"]) if self.good(y)
        ]
        xs = [self.across(x) for x in xs]
        self.x0, self.x1 = (min(xs), max(xs)) if xs else (0.0, 1.0)
        self.x1 = self.x1 if self.x1 != self.x0 else self.x0 + 1
        self.y0, self.y1 = self._tall(*((min(ys), max(ys)) if ys else (0.0, 1.0)), widget)

    def _tall(self, low: float, high: float, widget: widgets.Chart) -> tuple[float, float]:
        if self.log:
            return math.floor(low), max(math.ceil(high), math.floor(low) + 1)
        if low == high:
            return low - 0.5, high + 0.5
        air = (high - low) * SHARE["air"]
        down = air if widget["low"] is None or low < widget["low"] else 0
        up = air if widget["high"] is None or high > widget["high"] else 0
        return low - down, high + up

    def good(self, value: float | None) -> bool:
        """Return whether a value can be drawn."""
        return value is not None and math.isfinite(value) and (not self.log or value > 0)

    def map(self, value: float) -> float:
        """Return a value, or its power of ten."""
        return math.log10(value) if self.log else value

    def across(self, value: float) -> float:
        """Return a value of x, or its power of ten."""
        return math.log10(value) if self.wide else value

    def X(self, value: float) -> float:
        """Return how far to the right a value stands, in points."""
        room = self.w - MARGIN["left"] - MARGIN["right"]
        return MARGIN["left"] + (self.across(value) - self.x0) / (self.x1 - self.x0) * room

    def Y(self, mapped: float) -> float:
        """Return how far down a mapped value stands, in points."""
        part = (mapped - self.y0) / (self.y1 - self.y0)
        return self.h - MARGIN["bottom"] - part * (self.h - MARGIN["top"] - MARGIN["bottom"])

    def point(self, x: float, y: float | None) -> tuple[float, float]:
        """Return a point's place in points, (nan, nan) for a gap."""
        if y is None or not self.good(y):
            return math.nan, math.nan
        return self.X(x), self.Y(self.map(y))


def ticks(low: float, high: float, count: float) -> list[float]:
    """Return round values that cover [low, high]."""
    rough = (high - low) / count or 1.0
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next((m * unit for m in (1, 2, 5, 10) if m * unit >= rough), 10 * unit)
    first = math.ceil(low / step - 1e-9)
    many = math.floor((high - first * step) / step + 1e-9) + 1
    return [float(f"{(first + k) * step:.12g}") for k in range(many)]


def across(axes: Axes) -> list[float]:
    """Return the values marked on x: powers of ten, or 1, 2 and 5 times one where one fits."""
    low, high = axes.x0, axes.x1
    if not axes.wide:
        return ticks(low, high, min(8, axes.w / 60))
    whole = [e for e in ticks(low, high, min(6, high - low)) if e.is_integer()]
    if len(whole) > 1:
        return [10.0**e for e in whole]
    fine = [m * 10.0**e for e in range(math.floor(low), math.floor(high) + 1) for m in (1, 2, 5)]
    return [v for v in fine if low - 1e-9 < math.log10(v) < high + 1e-9]
