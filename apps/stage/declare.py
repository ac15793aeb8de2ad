"""Declare each input of a lesson once: kind, bounds, default, step, side effects on others.

    @dataclass(frozen=True)
    class Inputs:
        cell: str = choice("rnn", CELLS, resets=TYPED)
        rho: float = slider(0.8, 0.2, 2.4, 0.1)

From this follow the control that the page draws (`controls`), what a request is read and refused
by (`parse`), and a scene's whole preset (`preset`). A field's words stand in the lesson's ko.toml
and en.toml under control.<name> and option.<value>.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from typing_extensions import TypedDict, Unpack

from core.inputs import InputError, boolean, describe, integer, number
from core.inputs import choice as one_of

if TYPE_CHECKING:
    from apps.stage.contract import Control

T = TypeVar("T")
Declared = TypeVar("Declared")
Read = Callable[[str, Any], Any]  # (name, what came) -> the value, or InputError
LARGEST_SEED = 2**31 - 1
SHOWN = ("choice", "range", "number", "check", "text")  # kinds that show the value they have


class Look(TypedDict, total=False):
    """A control's options: layout and effects on others; see apps.stage.contract.Control.

    `was` is the input's former name, which links that people have kept still carry.
    """

    was: str

    labels: Sequence[Any]
    list: bool
    unit: str
    half: bool
    wide: bool
    local: bool
    unless: str
    value: Any
    resets: Sequence[str]
    brings: Mapping[Any, Mapping[str, Any]]
    restarts: bool


@dataclasses.dataclass(frozen=True)
class Input:
    """One declaration: the reader of a value, and the control, None where there is none."""

    read: Read
    control: Control | None
    was: str = ""


def _field(default: T, read: Read, kind: str | None, was: str = "", **control: Any) -> T:
    shown: Any = None if kind is None else {"kind": kind, **control}
    for name in ("options", "labels", "resets"):
        if shown and name in shown:
            shown[name] = list(shown[name])
    if shown and "brings" in shown:
        shown["brings"] = {_key(value): dict(what) for value, what in shown["brings"].items()}
    return dataclasses.field(default=default, metadata={"input": Input(read, shown, was)})


def _key(value: Any) -> str:
    """Return a value as the page's JavaScript names a property."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def choice(default: T, options: Sequence[T], **look: Unpack[Look]) -> T:
    """Declare one of several texts or numbers; numbers are called by themselves."""
    if isinstance(default, str):
        texts = tuple(map(str, options))
        return _field(
            default, lambda name, v: one_of(name, v, texts), "choice", options=options, **look
        )
    look.setdefault("labels", [f"{n:g}" for n in options])  # type: ignore[str-format]

    def read(name: str, value: Any) -> T:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value in options:
            return options[options.index(value)]  # type: ignore[arg-type]
        allowed = ", ".join(f"{n:g}" for n in options)  # type: ignore[str-format]
        raise InputError("choice", field=name, got=describe(value), allowed=allowed)

    return _field(default, read, "choice", options=options, **look)


@overload
def slider(default: int, low: int, high: int, step: int = 1, **look: Unpack[Look]) -> int: ...
@overload
def slider(default: float, low: float, high: float, step: float, **look: Unpack[Look]) -> float: ...
def slider(default: Any, low: Any, high: Any, step: Any = 1, **look: Unpack[Look]) -> Any:
    """Declare a number on a slider; whole if its ends and its step are."""
    read = _reader(low, high, whole=all(isinstance(v, int) for v in (default, low, high, step)))
    return _field(default, read, "range", min=low, max=high, step=step, **look)


@overload
def typed(default: int, low: int, high: int, **look: Unpack[Look]) -> int: ...
@overload
def typed(default: float, low: float, high: float, **look: Unpack[Look]) -> float: ...
def typed(default: Any, low: Any, high: Any, **look: Unpack[Look]) -> Any:
    """Declare a number in a text field; whole if its ends are."""
    read = _reader(low, high, whole=all(isinstance(v, int) for v in (default, low, high)))
    return _field(default, read, "number", min=low, max=high, **look)


def seed(default: int = 0, **look: Unpack[Look]) -> int:
    """Declare the seed that random numbers are drawn from, 0 to 2147483647."""
    return typed(default, 0, LARGEST_SEED, **look)


def switch(default: bool, **look: Unpack[Look]) -> bool:
    """Declare something that is on or off."""
    return _field(default, boolean, "check", **look)


def button(default: int, most: int, cycle: int | None = None, **look: Unpack[Look]) -> int:
    """Declare a button that counts how often it was pressed, 0 to `most`."""
    turns = {} if cycle is None else {"cycle": cycle}
    return _field(default, _reader(0, most, whole=True), "button", **turns, **look)


def action(read: Read = boolean, default: Any = False, **look: Unpack[Look]) -> Any:
    """Declare a one-time action: the board answers with the inputs that result."""
    return _field(default, read, "action", **look)


def text(default: str, most: int, **look: Unpack[Look]) -> str:
    """Declare a line of text of at most `most` characters."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise InputError("text", field=name, got=describe(value))
        if len(value) > most:
            raise InputError("long", field=name, got=len(value), high=most)
        return value

    return _field(default, read, "text", max=most, **look)


def given(default: T = None, read: Callable[[str, Any], T] = lambda name, value: value) -> T:
    """Declare an input without a control: drawn, typed into a matrix, or set by a preset.

    Args:
        default: what it is while nothing is given.
        read: (name, what came) -> the value, or InputError; without it core checks it later.
    """
    return _field(default, read, None)


def numeric(default: T, low: Any, high: Any) -> T:
    """Declare a number without a control of its own; whole if its ends are."""
    whole = all(isinstance(v, int) for v in (default, low, high))
    return _field(default, _reader(low, high, whole), None)


def _reader(low: Any, high: Any, whole: bool) -> Read:
    return lambda name, value: (integer if whole else number)(name, value, low, high)


# ---- what follows from the declarations


def declarations(inputs: type) -> dict[str, Input]:
    """Return the declarations of a lesson's inputs by name."""
    return {one.name: one.metadata["input"] for one in dataclasses.fields(inputs)}


def controls(inputs: type) -> dict[str, Control]:
    """Return the controls of a lesson by name."""
    return {name: one.control for name, one in declarations(inputs).items() if one.control}


def former_names(inputs: type) -> dict[str, str]:
    """Return each former name of an input with the name that it has now."""
    return {one.was: name for name, one in declarations(inputs).items() if one.was}


def parse(inputs: type[Declared], came: Mapping[str, Any]) -> Declared:
    """Return the inputs of a request, the default for each that did not come.

    Raises:
        InputError: an input that is not declared, or a value that its declaration refuses.
    """
    known = declarations(inputs)
    check_names(inputs, came)
    return inputs(**{name: known[name].read(name, value) for name, value in came.items()})


def check_names(inputs: type, came: Mapping[str, Any]) -> None:
    """Refuse the inputs of a request if one is not declared.

    Raises:
        InputError: the error names it.
    """
    known = {one.name for one in dataclasses.fields(inputs)}
    for name in came:
        if name not in known:
            raise InputError("unknown", field=name, allowed=", ".join(declarations(inputs)))


def preset(inputs: type, scene: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scene's whole preset: its own values, and the defaults of its other controls."""
    defaults = {one.name: one.default for one in dataclasses.fields(inputs)}
    known = controls(inputs)
    names = [*scene.get("controls", []), *scene.get("further", []), "decimals"]
    shown = [name for name in names if name in known and known[name]["kind"] in SHOWN]
    return {**{name: defaults[name] for name in shown}, **scene.get("inputs", {})}
