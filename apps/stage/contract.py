"""The contract between a lesson and its page: types of tabs, views, boards and frames.

A lesson's view turns its inputs into a `Board`, plain JSON that the browser draws and paper prints:
frames along the time axis, one tree of widgets in each, the facts under it, and the checks. The
widgets are typed in apps.stage.widgets, their constructors and those of the pieces below stand in
apps.stage.board. web/contract.d.ts says the same to the browser half; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from typing_extensions import NotRequired, TypedDict

from apps.stage.declare import controls, parse
from apps.stage.widgets import Label, Widget

Inputs = TypeVar("Inputs")
Functions: TypeAlias = Sequence[Callable[..., Any]]
Tables: TypeAlias = Mapping[str, Any]  # name -> rows, arrays or numbers: what CSV and JSON hold


# ---- what the page shows of one moment


class Fact(TypedDict):
    """One entry of the line under the stage."""

    label: Label  # what it is
    v: Any  # a number, shown to the chosen decimals, or a label


class Check(TypedDict):
    """A comparison with an independent computation, shown whether it passes or fails."""

    delta: float  # the largest difference, see core.measure.deltas
    against: str  # what the other computation was
    tolerance: float  # the largest difference that passes
    ok: bool  # delta <= tolerance


class Law(TypedDict):
    """A law that must hold a number of times."""

    law: Label  # what must hold
    holds: int  # how often it did
    of: int  # how often it was tried
    ok: bool  # holds == of


class Frame(TypedDict):
    """One moment on the time axis."""

    view: Widget  # the tree of widgets
    name: Label  # what this moment is, beside the player
    facts: list[Fact]  # of this moment, after the board's
    checks: NotRequired[list[Check | Law]]  # of this moment, after the board's
    values: NotRequired[dict[str, float | None] | None]  # of a run: what its curves show, "x" too
    state: NotRequired[str]  # of a run: what it goes on from, at most 4,000,000 characters


# ---- what a board holds beside its frames


class Blank(TypedDict):
    """One value to enter in a "your turn", marked to the shown decimals in the browser."""

    label: Label  # its name
    rows: list[list[Any]]  # the exact values
    role: str  # its colour's meaning
    key: str  # the widgets with this key hide it until the answer is shown; "" hides none


class Turn(TypedDict):
    """The exercise of a scene: numbers to fill in, or one of several choices."""

    ask: Label  # the task
    frame: NotRequired[int]  # the frame to answer it at, from 0
    blanks: NotRequired[Sequence[Blank]]  # the numbers to fill in
    choices: NotRequired[Sequence[Label]]  # the options, in place of blanks
    answer: NotRequired[int]  # which option is right, from 0


Kind: TypeAlias = Literal["choice", "range", "number", "check", "button", "action", "text"]


class Control(TypedDict):
    """One control in the column of a scene; it follows from the input's declaration."""

    kind: Kind  # which element it is
    options: NotRequired[list[Any]]  # of a choice: its values
    labels: NotRequired[list[Label]]  # of a choice: what they are called, else words option.<value>
    list: NotRequired[bool]  # of a choice: a drop-down list, however few the options
    min: NotRequired[float]  # of a range or a number: the least value
    max: NotRequired[float]  # of a range or a number: the largest; of a text: characters
    step: NotRequired[float]  # of a range or a number: from one value to the next
    unit: NotRequired[str]  # what stands after the number; "%" shows a share in percent
    half: NotRequired[bool]  # two such controls stand side by side
    wide: NotRequired[bool]  # of a text: over the column's whole width
    local: NotRequired[bool]  # only changes how numbers are shown: no request
    unless: NotRequired[str]  # the switch whose being on makes a local control ask after all
    value: NotRequired[Any]  # shown while nothing is set
    cycle: NotRequired[int]  # of a button: counts 0 to cycle − 1 and starts again
    resets: NotRequired[list[str]]  # inputs that go back to the preset when this one changes
    brings: NotRequired[dict[str, dict[str, Any]]]  # value -> other inputs that come with it
    restarts: NotRequired[bool]  # a live run starts anew instead of going on


class Limit(TypedDict, total=False):
    """A board's changes to a control: bounds and options that depend on other inputs."""

    min: float  # see Control
    max: float  # see Control
    options: list[Any]  # see Control
    labels: list[Label]  # see Control
    half: bool  # see Control
    value: Any  # see Control


class More(TypedDict):
    """Progress of a long computation; the page requests the next piece until done = of."""

    input: str  # the input that carries how far to go
    next: int  # its value for the next piece
    done: int  # units of work that are done
    of: int  # units of the whole


class Live(TypedDict):
    """A run that goes on while it is watched."""

    acts: Sequence[str]  # what a step can do, the usual first
    keys: NotRequired[Mapping[str, str]]  # key, as KeyboardEvent.code has it -> act, for a game
    keeps: NotRequired[bool]  # the browser keeps the last state, and a later visit goes on from it


class Board(TypedDict):
    """A tab's answer for a scene: frames, facts, checks and changes to the controls."""

    frames: Sequence[Frame]  # at least one
    facts: NotRequired[Sequence[Fact]]  # under every frame
    checks: NotRequired[Sequence[Check | Law]]  # of the whole board
    parts: NotRequired[Mapping[str, Any]]  # widgets, or pieces of them, that many frames share
    turn: NotRequired[Turn | None]  # the exercise
    values: NotRequired[Mapping[str, Any]]  # what a person can type over, by the input's name
    limits: NotRequired[Mapping[str, Limit]]  # changes to controls, by name
    without: NotRequired[Sequence[str]]  # controls that mean nothing under these inputs
    inputs: NotRequired[Mapping[str, Any]]  # inputs to take over, null takes one out
    pins: NotRequired[Mapping[str, Mapping[str, Any]]]  # drawn input -> inputs that come with it
    more: NotRequired[More | None]  # a long computation that is not done
    live: NotRequired[Live]  # a run
    fleeting: NotRequired[bool]  # not to be kept: trained weights were missing and may come
    tables: NotRequired[Tables]  # its numbers, which stay on the server until they are taken


# ---- what a tab gives


class Scene(TypedDict):
    """One entry of scenes.toml; the words of a scene stand at the same place in ko and en."""

    view: str  # a name of the tab's views
    inputs: dict[str, Any]  # the preset: what differs from the tab's defaults
    controls: list[str]  # the inputs that the column shows, in order
    further: NotRequired[list[str]]  # inputs in the drawer of settings
    start: NotRequired[int]  # the frame that opens, from 0; -1 the last
    pace: NotRequired[int]  # milliseconds a frame while it plays; 900 unless said
    live: NotRequired[bool]  # the view is a run
    tries: NotRequired[dict[str, Any]]  # what the answer says to try, set and undone by one key
    week: NotRequired[int]  # which names its topic, from 1; the lesson's own unless said


Source: TypeAlias = Callable[[Inputs], Functions]  # inputs -> what the code drawer shows
Over: TypeAlias = Callable[[], bool]  # says whether a run must hand over, for others wait


@dataclass(frozen=True)
class View(Generic[Inputs]):
    """The computations of one kind of scene.

    Attributes:
        board: inputs -> board; raises InputError for what it refuses.
        source: the functions whose source the code drawer shows, or inputs -> these; of a view that
            names none the tab's `sources` do.
        live: (inputs, state, act, over) -> the next frame of a run, for boards with "live". The
            server keeps nothing of a run: its state is a string that travels with each frame, so
            that a page can go on from any of them. `act` is one of the board's live["acts"], or
            "show" for the same moment under changed inputs.
    """

    board: Callable[[Inputs], Board]
    source: Functions | Source[Inputs] = ()
    live: Callable[[Inputs, str, str, Over], Frame] | None = None

    def functions(self, inputs: Inputs) -> Functions:
        """Return the functions that the view itself names for the code drawer."""
        return self.source(inputs) if callable(self.source) else self.source


@dataclass(frozen=True, eq=False)  # one object a tab: it is its own identity
class Tab(Generic[Inputs]):
    """One tab: its inputs, views and endpoints.

    Attributes:
        name: its route and its folder in apps/lessons.
        inputs: the dataclass in which each input is declared once (apps.stage.declare).
        views: name, as scenes.toml has it -> view.
        endpoints: typed functions, each called by its own name.
        sources: inputs -> the functions of each view's code drawer, by the view's name; for views
            that name none themselves.
    """

    name: str
    inputs: type[Inputs]
    views: Mapping[str, View[Inputs]]
    endpoints: Functions
    sources: Callable[[Inputs], Mapping[str, Functions]] | None = None

    @property
    def controls(self) -> dict[str, Control]:
        """The controls that follow from the declared inputs."""
        return controls(self.inputs)

    def board(self, view: str, given: Mapping[str, Any]) -> Board:
        """Return the board of a view for a page's inputs; missing ones take their defaults."""
        return self.views[view].board(parse(self.inputs, given))

    def functions(self, view: str, given: Mapping[str, Any]) -> Functions:
        """Return the functions whose source the code drawer of a view shows."""
        inputs = parse(self.inputs, given)
        own = self.views[view].functions(inputs)
        return own if own or not self.sources else self.sources(inputs)[view]
