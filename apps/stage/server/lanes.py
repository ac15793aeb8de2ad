"""A tab's functions as its page calls them, each kind of work in a lane of its own.

All of them run in the server's event loop, and only what computes takes a thread: who waits for a
turn takes none, and no kind of work takes the threads of another.

    looks   is it kept, is it refused
    light   boards that take little
    line    boards that take long, in pieces: apps.stage.server.line
    runs    pieces of live runs, one at a time, first come first served
    paper   figures and numbers to take away
    films   animations, one at a time: each takes seconds

A run's piece hands over after a slice of time as soon as another waits; since a page asks for its
next piece only when it has the last one, any number of visitors go round in a circle and get equal
shares. In each lane addresses take turns: apps.stage.server.shares.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeAlias

from anyio import CapacityLimiter, to_thread

from apps.stage.contract import Tab
from apps.stage.server import boards, takeaway
from apps.stage.server.boards import KeptBoard, as_json, say
from apps.stage.server.shares import Shares
from apps.stage.server.visitor import address, hear, is_gone, is_large
from core.progress import LISTENER, OVER, Stopped, Unfinished

LINE = boards.LINE
LOOKS, LIGHT, PAPER, RUNS, FILMS = Shares(4), Shares(4), Shares(2), Shares(1), Shares(1)
LONG = CapacityLimiter(LINE.workers + 1)
CLEAR = '{"ok":null}'
TOO_LARGE = '{"error":{"rule":"fault","parts":{}}}'  # no page sends that
PIECE = 0.25  # seconds of a long board between two looks at whether its visitor is there
SLICE = 0.1  # seconds that a run may take while others wait
LONGEST = 1.0  # seconds that it may take at all: then the page hears something
LONGEST_TICKET = 64

Compute: TypeAlias = Callable[[Tab[Any], Any], KeptBoard]
Served: TypeAlias = Callable[[Any], Coroutine[Any, Any, str]]


@dataclass(frozen=True)
class Found:
    """What a look at a request finds.

    Attributes:
        kind: which kind of work it is.
        kept: the board, if it lies in memory.
        refused: why it is refused, as the page gets it; "" if it is not.
    """

    kind: str
    kept: KeptBoard | None = None
    refused: str = ""


def page_functions(tab: Tab[Any], compute: Compute = boards.board_of) -> list[Served]:
    """Return the functions that a page calls; each takes one object and returns JSON.

    A board that takes long comes in its turn: until then the page gets {"wait": {"place",
    "seconds"}} and asks again with its ticket. Who brings no ticket is given one there.

    Args:
        tab: the lesson.
        compute: (tab, ask) -> board.
    """

    async def board(ask: Any) -> str:
        if is_large():
            return TOO_LARGE
        found = await find_board(tab, ask, compute)
        return found if isinstance(found, str) else f'{{"ok":{found.text}}}'

    async def code(ask: Any) -> str:
        if is_large():
            return TOO_LARGE
        return await LOOKS.run(boards.code_of, tab, ask)

    async def take(ask: Any) -> str:
        refused = await LOOKS.run(say, lambda: check_take(tab, ask))
        if refused != CLEAR:
            return refused
        kept = await find_board(tab, ask, compute, patient=True)
        if isinstance(kept, str):
            return kept
        film = ask.get("kind") == "gif"
        lane = FILMS if film else PAPER
        return await lane.run(with_visitor, lambda: boards.file_of(tab, ask, kept))

    async def live(ask: Any) -> str:
        return await RUNS.run(with_visitor, lambda: next_frame(tab, ask))

    return [board, code, take, live]


def check_take(tab: Tab[Any], ask: Any) -> str:
    """Return JSON's nothing for a file that can be asked for."""
    boards.read(tab, ask)
    takeaway.kind_of(ask)
    return "null"


async def find_board(
    tab: Tab[Any], ask: Any, compute: Compute, patient: bool = False
) -> KeptBoard | str:
    """Return a board out of memory, computed at once, or computed in its turn.

    Args:
        tab: the lesson.
        ask: what came.
        compute: (tab, ask) -> board.
        patient: whether to wait for the turn however long it takes.

    Returns:
        The board, or JSON that says why there is none, or how long the page has to wait.
    """
    found = await LOOKS.run(look, tab, ask)
    ticket = ticket_of(ask)
    if found.kept or found.refused:
        await LINE.give_up(ticket)
        return found.kept or found.refused
    if not LINE.long(found.kind):
        light = await LIGHT.run(compute_light, tab, ask, compute, found.kind)
        if light is not None:
            return light
    while True:
        place = await LINE.enter(ticket, found.kind, address())
        if place is None:
            board = await in_turn(tab, ask, compute, ticket)
            if board is not None:
                return board
        elif not patient:
            own = {} if ticket == ask.get("ticket") else {"ticket": ticket}
            return as_json({"ok": {"wait": {**place, **own}}})
        if is_gone():
            return CLEAR


async def in_turn(tab: Tab[Any], ask: Any, compute: Compute, ticket: str) -> KeptBoard | str | None:
    """Compute a piece of a board in the line; return the board, why there is none, or None if it
    is not done.
    """
    share: float | None = None
    try:
        board, share = await to_thread.run_sync(compute_piece, tab, ask, compute, limiter=LONG)
        return board
    finally:
        await LINE.leave(ticket, share)


def look(tab: Tab[Any], ask: Any) -> Found:
    """Return whether a page's board lies in memory, or is refused."""
    kept, refused = boards.attempt(lambda: boards.board_in_memory(tab, ask))
    if refused:
        return Found("", refused=refused)
    kind = f"{tab.name}/{ask['view']}"
    if tab.views[ask["view"]].live:
        LINE.in_pieces.add(kind)
    return Found(kind, kept)


def compute_light(tab: Tab[Any], ask: Any, compute: Compute, kind: str) -> KeptBoard | str | None:
    """Return a board of a kind that takes little, or why there is none; None if by now this kind
    is known to take long.
    """
    if LINE.long(kind):
        return None
    return board_or_reason(tab, ask, compute)


def compute_piece(
    tab: Tab[Any], ask: Any, compute: Compute
) -> tuple[KeptBoard | str | None, float | None]:
    """Compute for a while; return (board or why there is none, share that is done)."""
    if is_gone():
        return None, None
    end = time.monotonic() + PIECE
    hearing = OVER.set(lambda: time.monotonic() > end)
    try:
        board = board_or_reason(tab, ask, compute)
    except Unfinished as unfinished:
        return None, None if is_gone() else unfinished.share
    finally:
        OVER.reset(hearing)
    return board, None if isinstance(board, str) else board.share


def board_or_reason(tab: Tab[Any], ask: Any, compute: Compute) -> KeptBoard | str:
    """Return a board, or JSON that says why there is none."""
    kept, refused = boards.attempt(lambda: compute(tab, ask))
    return refused if kept is None else kept


def with_visitor(make: Callable[[], str]) -> str:
    """Return what `make` returns, or nothing once its visitor went away."""
    hearing = LISTENER.set(hear)
    try:
        hear(0, 1)
        return say(make)
    except Stopped:
        return CLEAR
    finally:
        LISTENER.reset(hearing)


def next_frame(tab: Tab[Any], ask: Any) -> str:
    """Return the next frame of a run, computed until the slice is over."""
    began = time.monotonic()

    def over() -> bool:
        spent = time.monotonic() - began
        return spent > LONGEST or (spent > SLICE and bool(RUNS.waiting)) or is_gone()

    return as_json(boards.next_frame(tab, ask, over))


def ticket_of(ask: Any) -> str:
    """Return the ticket that a page brought, or a new one."""
    ticket = ask.get("ticket") if isinstance(ask, dict) else None
    fits = isinstance(ticket, str) and 0 < len(ticket) <= LONGEST_TICKET
    return ticket if fits else secrets.token_urlsafe(16)  # type: ignore[return-value]
