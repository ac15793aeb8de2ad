"""Reads web/tokens.json, where every size, gap, colour, dash pattern and font stands once.

The page's style sheets read it as CSS custom properties (`css`), its scripts as the JSON in the
page's head (web/look.js), the figures on paper as `TOKENS`. A number is a size in pixels on the
screen, in points on paper, except inside an object called "share" (0 to 1) or "bare" (a factor, a
count). A list of numbers is a dash pattern or a place, a list of texts the fonts to try in turn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "web" / "tokens.json"
TOKENS: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
THEMES = ("light", "dark")
GENERIC = {"system-ui", "sans-serif", "monospace", "ui-monospace"}  # keywords: not quoted


def colours(theme: str) -> dict[str, str]:
    """Return the colour of each role, "#rrggbb", in the theme "light" or "dark"."""
    return TOKENS["colour"][theme]


def number(*path: str) -> float:
    """Return the number at a path: "cells", "gap", "large"."""
    found: Any = TOKENS
    for name in path:
        found = found[name]
    if not isinstance(found, (int, float)):
        raise TypeError(f"{'.'.join(path)} is no number: {found!r}")
    return float(found)


def numbers(*path: str) -> dict[str, float]:
    """Return the numbers of a group by their names: "row", "gap"."""
    found: Any = TOKENS
    for name in path:
        found = found[name]
    return {name: float(one) for name, one in found.items() if isinstance(one, (int, float))}


def texts(*path: str) -> tuple[str, ...]:
    """Return the list of texts at a path: "font", "print", "words"."""
    found: Any = TOKENS
    for name in path:
        found = found[name]
    return tuple(str(one) for one in found)


def dash(*path: str) -> tuple[float, ...]:
    """Return the dash pattern at a path, on and off in turn."""
    found: Any = TOKENS
    for name in path:
        found = found[name]
    return tuple(float(length) for length in found)


def properties(tokens: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each custom property; lists of lists have none."""
    for name, found in _leaves(tokens, ()):
        if (value := _value(name, found)) is not None:
            yield "--" + "-".join(part for part in name if part not in ("share", "bare")), value


def css() -> str:
    """Return the custom properties as CSS: `:root`, and overrides in dark mode."""
    other = {name: part for name, part in TOKENS.items() if name != "colour"}
    light = [*properties(colours("light")), *properties(other)]
    return (
        f":root{{color-scheme:light;{_rules(light)}}}"
        f':root[data-theme="dark"]{{color-scheme:dark;{_rules(properties(colours("dark")))}}}'
    )


def script() -> str:
    """Return the whole as a JSON script element for the head."""
    text = json.dumps(TOKENS, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="look">{text}</script>'


def _leaves(found: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(found, Mapping):
        for name, part in found.items():
            yield from _leaves(part, (*path, name))
    else:
        yield path, found


def _value(path: tuple[str, ...], found: Any) -> str | None:
    if isinstance(found, str):
        return found
    if isinstance(found, list):
        if path[0] == "font":
            return ", ".join(one if one in GENERIC else json.dumps(one) for one in found)
        flat = all(isinstance(one, (int, float)) for one in found)
        return " ".join(f"{one:g}" for one in found) if flat else None
    if "share" in path:
        return f"{100 * found:.10g}%"
    return f"{found:.10g}" if "bare" in path else f"{found:.10g}px"


def _rules(pairs: Any) -> str:
    return "".join(f"{name}:{value};" for name, value in pairs)
