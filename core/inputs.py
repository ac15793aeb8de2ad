"""Validate arguments: each check returns the value or refuses it in one sentence.

Every check raises `InputError`, a ValueError that carries its parts (rule, field, what came, what
is allowed), so that a page can say the same sentence in the reader's language.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

NAMES = {
    dict: "{…}",
    list: "[…]",
    tuple: "[…]",
    type(None): "null",
}

SHORT, MOST_SAID = 60, 400  # characters of what came, and of what is allowed
SPACE, HIDDEN = " ", "\ufffd"  # for line breaks; for what steers the text or is half a character

RULES = {
    "choice": "{field} is {got}; it must be one of {allowed}.",
    "integer": "{field} is {got}; it must be a whole number from {low} to {high}.",
    "number": "{field} is {got}; it must be a number from {low} to {high}.",
    "entry": "{field} holds {got} at {where};"
    " every entry must be a finite number from {low} to {high}.",
    "spin": "{field} holds {got} at {where}; every entry must be -1 or 1.",
    "binary": "{field} holds {got} at {where}; every entry must be 0 or 1.",
    "list": "{field} is {got}; it must be a list of {allowed}.",
    "ragged": "{field} has rows of different lengths ({got}); all rows must be equally long.",
    "shape": "{field} has shape {got}; it must be {allowed}.",
    "object": "{field} is {got}; it must be an object with {allowed}.",
    "missing": "{field} is missing; {allowed} are needed.",
    "unknown": "{field} is not known here; only {allowed} are.",
    "text": "{field} is {got}; it must be text.",
    "arguments": "{field} takes at most {high} arguments ({allowed}), and {got} came.",
    "endpoint": "{field} is no endpoint here; /gradio_api/info lists those that are.",
    "no_json": "{field} is no JSON.",
    "form": "{field} has not the form of {allowed}.",
    "long": "{field} has {got} characters; at most {high} are read.",
    "large": "{field} is too large to be drawn ({got}; at most {allowed}).",
    "drawn": "{field} is no picture that this page shows.",
}


class InputError(ValueError):
    """A value that was refused: `rule` names the sentence, `parts` fills it.

    Args:
        rule: a key of `RULES`.
        **parts: what the sentence names: field, got, and what is allowed.
    """

    def __init__(self, rule: str, **parts: Any):
        self.rule = rule
        self.parts = {
            k: _short(v, MOST_SAID if k == "allowed" else SHORT) for k, v in parts.items()
        }
        super().__init__(RULES[rule].format(**self.parts))


def choice(field: str, value: Any, options: Sequence[str]) -> str:
    """Return `value` if it is one of `options`."""
    if not isinstance(value, str) or value not in options:
        raise InputError("choice", field=field, got=describe(value), allowed=", ".join(options))
    return value


def boolean(field: str, value: Any) -> bool:
    """Return `value` if it is true or false."""
    if not isinstance(value, bool):
        raise InputError("choice", field=field, got=describe(value), allowed="true, false")
    return value


def integer(field: str, value: Any, low: int, high: int) -> int:
    """Return `value` as an int if it is a whole number in [low, high]; 3.0 counts, true does
    not.
    """
    whole = _is_finite(value) and value == int(value)
    if not whole or not low <= value <= high:
        raise InputError("integer", field=field, got=describe(value), low=low, high=high)
    return int(value)


def number(field: str, value: Any, low: float, high: float) -> float:
    """Return `value` as a float if it is finite and in [low, high]."""
    if not _is_finite(value) or not low <= value <= high:
        raise InputError("number", field=field, got=describe(value), low=low, high=high)
    return float(value)


def mapping(
    field: str, value: Any, needed: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, Any]:
    """Return `value` if it is an object that has all `needed` keys and none but the `optional` ones
    beside them.
    """
    if not isinstance(value, dict):
        raise InputError("object", field=field, got=describe(value), allowed=", ".join(needed))
    for key in needed:
        if value.get(key) is None:
            raise InputError("missing", field=f"{field}.{key}", allowed=", ".join(needed))
    for key in value:
        if key not in needed and key not in optional:
            raise InputError(
                "unknown", field=f"{field}.{_short(key)}", allowed=", ".join((*needed, *optional))
            )
    return value


def array(
    field: str,
    value: Any,
    shape: Sequence[int | tuple[int, int]],
    bound: float = 1e4,
    low: float | None = None,
) -> np.ndarray:
    """Return nested lists as a float64 array.

    Args:
        field: the name that an error gives.
        value: nested lists (or an array) of numbers.
        shape: for each axis an exact size or (smallest, largest).
        bound: largest entry.
        low: smallest entry; None for -bound.
    """
    _walk(field, value, len(shape), shape, (), (-bound if low is None else low, bound))
    out = np.asarray(value, dtype=np.float64)
    fits = all(
        n == want if isinstance(want, int) else want[0] <= n <= want[1]
        for n, want in zip(out.shape, shape)
    )
    if not fits or out.ndim != len(shape):
        raise InputError("shape", field=field, got=_sizes(out.shape), allowed=_sizes(shape))
    return out


def spins(field: str, value: Any, shape: Sequence[int | tuple[int, int]]) -> np.ndarray:
    """Return nested lists of -1 and 1 as a float64 array; `shape` as in `array`."""
    out = array(field, value, shape)
    wrong = np.argwhere(np.abs(out) != 1)
    if len(wrong):
        at = tuple(int(i) for i in wrong[0])
        raise InputError("spin", field=field, got=describe(out[at].item()), where=list(at))
    return out


def binary(field: str, value: Any, shape: Sequence[int | tuple[int, int]]) -> np.ndarray:
    """Return nested lists of 0 and 1 as a float64 array; `shape` as in `array`."""
    out = array(field, value, shape, 1, low=0)
    wrong = np.argwhere((out != 0) & (out != 1))
    if len(wrong):
        at = tuple(int(i) for i in wrong[0])
        raise InputError("binary", field=field, got=describe(out[at].item()), where=list(at))
    return out


def _walk(
    field: str,
    value: Any,
    depth: int,
    shape: Sequence,
    where: tuple[int, ...],
    ends: tuple[float, float],
) -> int:
    """Refuse the first thing in nested lists that is no list at its depth, or no number at the
    bottom; return the length.
    """
    if depth == 0:
        if not _is_finite(value) or not ends[0] <= value <= ends[1]:
            raise InputError(
                "entry",
                field=field,
                got=describe(value),
                where=list(where),
                low=ends[0],
                high=ends[1],
            )
        return 0
    name = f"{field}{list(where)}" if where else field
    if not isinstance(value, (list, tuple, np.ndarray)):
        raise InputError("list", field=name, got=describe(value), allowed=_sizes(shape[-depth:]))
    largest = shape[-depth] if isinstance(shape[-depth], int) else shape[-depth][1]
    if len(value) > largest or len(value) == 0:  # before walking something huge
        raise InputError("shape", field=name, got=len(value), allowed=_sizes(shape[-depth:]))
    inner = [_walk(field, v, depth - 1, shape, (*where, i), ends) for i, v in enumerate(value)]
    if len(set(inner)) > 1:
        raise InputError("ragged", field=field, got=", ".join(str(n) for n in inner))
    return len(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _is_finite(value: Any) -> bool:
    """Return whether it is a finite number; a whole number may be larger than any float is."""
    return _is_number(value) and (isinstance(value, int) or math.isfinite(value))


def _sizes(shape: Iterable) -> str:
    return " x ".join(
        str(n) if isinstance(n, (int, np.integer)) else f"{n[0]}-{n[1]}" for n in shape
    )


def describe(value: Any) -> str:
    """Return a value as a sentence names it: text in quotes, of a nested value only the kind."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple, type(None))):
        return NAMES[type(value)]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _short(value: Any, most: int = SHORT) -> str:
    """Return a value as a few printable characters of one line: a sentence stays a sentence."""
    text = f"{value:g}" if isinstance(value, float) else _flat(value)
    text = text if len(text) <= most else text[: most - 3] + "..."
    return "".join(c if c.isprintable() else SPACE if c.isspace() else HIDDEN for c in text)


def _flat(value: Any) -> str:
    """Return a value as text; nested values, perhaps a thousand deep, are not walked."""
    inside = value if isinstance(value, (list, tuple)) else ()
    deep = isinstance(value, dict) or any(isinstance(v, (dict, list, tuple)) for v in inside)
    return describe(value) if deep or value is None or isinstance(value, bool) else str(value)
