"""Letters on paper: those that no font has, as emoji and most Hanja, and those that stand lower."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from matplotlib.font_manager import FontProperties, fontManager, get_font

BOX = "□"
LOWERED = re.compile(r"_(\{[^}]+\}|[A-Za-z0-9](?![A-Za-z0-9]))")
UNSEEN = {0x200D: None, 0xFE0E: None, 0xFE0F: None}  # join emoji, or say how one looks


@functools.lru_cache(maxsize=8)
def letters_of(fonts: tuple[str, ...]) -> frozenset[int]:
    """Return the code points for which one of these families has a glyph."""
    paths = (fontManager.findfont(FontProperties(family=[name])) for name in fonts)
    return frozenset(code for path in paths for code in get_font(path).get_charmap())


def drawable(words: str, fonts: tuple[str, ...]) -> str:
    """Return a text with a box for each letter that the fonts have not."""
    if words.isascii():
        return words
    known = letters_of(fonts)
    return "".join(c if ord(c) in known or c.isspace() else BOX for c in words.translate(UNSEEN))


def lacking(value: Any, fonts: tuple[str, ...]) -> str:
    """Return the letters in the texts of nested values that the fonts have not, each once."""
    known = letters_of(fonts)
    some = (text for text in texts(value) if not text.isascii())
    found = dict.fromkeys(c for text in some for c in text.translate(UNSEEN))
    return "".join(c for c in found if ord(c) not in known and not c.isspace())


def texts(value: Any) -> Iterator[str]:
    """Yield every text in nested values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from texts(inner)


def runs(words: str) -> list[tuple[str, bool]]:
    """Return a text's pieces, each with whether it is a subscript: p_y is p and a lowered y."""
    if "_" not in words:
        return [(words, False)]
    pieces = enumerate(LOWERED.split(words))
    return [(piece.strip("{}") if i % 2 else piece, i % 2 == 1) for i, piece in pieces if piece]
