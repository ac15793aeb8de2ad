"""Runs in the plane that train live, shared by gan, flow, ebm and ddpm.

A run is a value: its state is a few vectors that travel with each frame (core.models.flat.packing),
so the server keeps nothing of it, and a page can go on from any frame under changed inputs.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from cachetools import LRUCache

from apps.lessons.shared import pictures
from apps.stage.contract import Board, Frame, Over
from core.inputs import array, choice, integer, mapping
from core.progress import OVER, Unfinished

Advance = Callable[[Any, int], tuple[Any, list[dict[str, Any]]]]
Points = tuple[tuple[float, float], ...]
SPEEDS = (1, 5, 20, 100)  # steps from one picture to the next
LONGEST = 1200  # steps that an opening may have
BUDGET = 10.0  # seconds of processor that it may take: the largest nets would take minutes
PIECE = 50  # steps of an opening between two looks at that, or as many as take MOMENT
MOMENT = 0.1  # seconds
BEGUN = 16  # openings that are kept while their pages ask for the next piece
CHUNK = 5  # steps between two looks at the clock
MOST, FEWEST = 400, 3  # points of a drawing; fewer than that are repeated


class RunInputs(Protocol):
    """Inputs that a lesson declares for its runs."""

    @property
    def opening(self) -> tuple[int, ...]:
        """The steps at which a run is shown before anybody plays it, rising from 0."""
        ...

    @property
    def speed(self) -> int:
        """Steps from one picture to the next."""
        ...


Inputs = TypeVar("Inputs", bound=RunInputs)


class Run(ABC, Generic[Inputs]):
    """One kind of run; its View takes `board` and `live`.

    Attributes:
        acts: what a step can do, the usual first.
    """

    acts: Sequence[str] = ("both",)

    @abstractmethod
    def settings(self, inputs: Inputs) -> Any:
        """Return the model's settings, a dataclass, for a page's inputs."""

    @abstractmethod
    def settings_type(self) -> type:
        """Return the dataclass of the model's settings."""

    @abstractmethod
    def begin(self, settings: Any) -> Any:
        """Return the state before the first step."""

    @abstractmethod
    def advance(
        self, state: Any, settings: Any, steps: int, act: str
    ) -> tuple[Any, list[dict[str, Any]]]:
        """Return the state after at most 50 steps, and what each of them measured."""

    @abstractmethod
    def restore(self, tensors: Any, old: Any, new: Any) -> Any:
        """Return the state that came with a page, checked, and fitted to changed settings."""

    @abstractmethod
    def moment(
        self, state: Any, settings: Any, seen: Sequence[dict[str, Any]], inputs: Inputs
    ) -> Frame:
        """Return one frame: pictures, numbers, checks, and the packed state to go on from."""

    def parse(self, about: Any) -> Any:
        """Return the settings that came with a state; the dataclass checks their values."""
        kind = self.settings_type()
        fields = [one.name for one in dataclasses.fields(kind)]
        return kind(**mapping("state", about, (), fields))

    def board(self, inputs: Inputs) -> Board:
        """Return the board of a run: its opening moments, to be gone on from."""
        settings = self.settings(inputs)

        def pieces() -> Iterator[Frame | int]:
            return self.frames(settings, inputs)

        return {
            "frames": all_frames((self, repr(inputs)), pieces, max(inputs.opening)),
            "live": {"acts": self.acts},
            "facts": [],
            "pins": {"drawn": {"target": "drawn"}},  # a drawing wants to be learned
            "tables": {"settings": plain(settings)},
        }

    def frames(self, settings: Any, inputs: Inputs) -> Iterator[Frame | int]:
        """Yield the frames of an opening, and after each piece how many steps are done."""
        usual, steps = self.acts[0], inputs.opening
        state = self.begin(settings)
        for told in moments(state, steps, lambda s, n: self.advance(s, settings, n, usual)):
            yield told if isinstance(told, int) else self.moment(told[0], settings, told[1], inputs)

    def live(self, inputs: Inputs, text: str, act: str, over: Over) -> Frame:
        """Return the next frame of a run, or the same moment under changed inputs."""
        from core.models.flat.packing import unpack

        tensors, about = unpack(text)
        new = self.settings(inputs)
        state = self.restore(tensors, self.parse(about), new)
        act = choice("act", act, (*self.acts, "show"))
        left = 0 if act == "show" else inputs.speed
        state, seen = on(state, left, lambda state, n: self.advance(state, new, n, act), over)
        return self.moment(state, new, seen, inputs)


def settings_from(kind: type, inputs: Any, target: str, drawn: Points) -> Any:
    """Return a model's settings: each field that the page's inputs have, the points if drawn."""
    names = [one.name for one in dataclasses.fields(kind) if one.name != "points"]
    given = {name: getattr(inputs, name) for name in names if hasattr(inputs, name)}
    return kind(**given, points=enough(drawn)) if target == "drawn" else kind(**given)


def plain(settings: Any) -> list[list[Any]]:
    """Return a model's settings as rows of a name and a value; drawn points stand among inputs."""
    rows = dataclasses.asdict(settings).items()
    return [[name, value] for name, value in rows if not isinstance(value, (list, tuple, dict))]


def opening(field: str, steps: Any) -> tuple[int, ...]:
    """Read the steps at which a run is shown before anybody plays it, rising from 0."""
    found = array(field, steps, ((1, 16),), LONGEST)
    return tuple(sorted({integer(field, v, 0, LONGEST) for v in found.tolist()} | {0}))


def points(field: str, value: Any) -> Points:
    """Read a visitor's points, up to 400 within 4 of the origin; none is an empty drawing."""
    if isinstance(value, (list, tuple)) and not value:
        return ()
    return tuple((x, y) for x, y in array(field, value, ((1, MOST), 2), 4.0).tolist())


def drawing(field: str, value: Any) -> str | Points | None:
    """Read what a visitor drew: a digit's pixels as text, or points; None for no drawing."""
    return (pictures.drawing if value is None or isinstance(value, str) else points)(field, value)


def enough(drawn: Points) -> Points:
    """Return points as a density needs them: one or two are repeated, none is one at the origin."""
    full = drawn or ((0.0, 0.0),)
    return full * (1 if len(full) >= FEWEST else FEWEST)


def moments(
    begun: Any, steps: Sequence[int], advance: Advance
) -> Iterator[tuple[Any, list[dict[str, Any]]] | int]:
    """Yield (state, what its steps measured) at each moment of an opening, and between them, after
    each piece, how many steps are done. What would take too long is left out, for the run can be
    gone on with from any moment.
    """
    state, done, spent, piece = begun, 0, 0.0, 1
    for left in np.diff([0, *steps]).tolist():
        seen: list[dict[str, Any]] = []
        while left:
            if spent > BUDGET:
                return
            began, count = time.thread_time(), min(piece, left)
            state, some = advance(state, count)
            took = time.thread_time() - began
            spent, seen, left, done = spent + took, seen + some, left - count, done + count
            if len(some) < count:  # it blew up: the last moment is where it did
                if seen:
                    yield state, seen
                return
            piece = min(PIECE, max(1, int(count * MOMENT / max(took, 1e-6))))
            yield done
        yield state, seen


class Opening:
    """The opening of a run, computed in as many pieces as its page asks for.

    One lock an opening: a request that comes while it is computed waits, and finds it further on.
    """

    def __init__(self, pieces: Iterator[Frame | int]):
        self.pieces, self.done = pieces, 0
        self.found: list[Frame] = []
        self.failed: Exception | None = None
        self.lock = threading.Lock()

    def all_frames(self, of: int) -> list[Frame]:
        """Go on to the end and return all frames.

        Args:
            of: how many steps there will be.

        Raises:
            Unfinished: the piece is over before that.
        """
        with self.lock:
            if self.failed:
                raise self.failed
            try:
                self._go_on(OVER.get() or (lambda: False), of)
            except Exception as error:
                self.failed = None if isinstance(error, Unfinished) else error
                raise
            return self.found

    def _go_on(self, over: Over, of: int) -> None:
        for one in self.pieces:
            if isinstance(one, int):
                self.done = one
            else:
                self.found.append(one)
            if over():
                raise Unfinished(self.done / (of + 1))


_openings: LRUCache[Hashable, Opening] = LRUCache(BEGUN)
_beginning = threading.Lock()


def all_frames(key: Hashable, pieces: Callable[[], Iterator[Frame | int]], of: int) -> list[Frame]:
    """Return the frames of an opening, gone on with from where the last request left it.

    Args:
        key: its run and all its inputs.
        pieces: begins it.
        of: how many steps there will be.

    Raises:
        Unfinished: the piece is over before that.
    """
    with _beginning:
        opening = _openings.setdefault(key, Opening(pieces()))
    try:
        found = opening.all_frames(of)
    except Unfinished:
        raise
    except Exception:  # whatever broke is raised to whoever asked; the next ask begins anew
        _forget(key)
        raise
    _forget(key)  # the server keeps the board
    return found


def _forget(key: Hashable) -> None:
    with _beginning:
        _openings.pop(key, None)


def on(state: Any, left: int, advance: Advance, over: Over) -> tuple[Any, list[dict[str, Any]]]:
    """Train up to `left` steps, fewer where the turn is over or a number stops being finite."""
    seen: list[dict[str, Any]] = []
    while left and not (seen and over()):
        state, some = advance(state, min(CHUNK, left))
        seen += some
        left = left - len(some) if len(some) == min(CHUNK, left) else 0  # else it blew up
    return state, seen
