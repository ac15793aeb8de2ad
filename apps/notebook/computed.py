"""A scene computed in a notebook: its numbers, its checks, its figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np

from apps import TABS
from apps.stage.contract import Tab
from apps.stage.server import boards, takeaway
from apps.stage.server.words import LANGUAGES
from apps.stage.widgets.chart import fill_histories
from core.inputs import InputError, choice, integer


@dataclass(frozen=True)
class Picture:
    """A figure that a notebook draws.

    Attributes:
        svg: its text.
    """

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg.replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)


@dataclass(frozen=True)
class Computed:
    """A scene's board.

    Attributes:
        tab: the lesson.
        inputs: of the board.
        board: as a page gets it.
        lang: of the words in its figures.
    """

    tab: Tab[Any]
    view: str
    inputs: Mapping[str, Any]
    board: Mapping[str, Any]
    lang: str

    @cached_property
    def tables(self) -> dict[str, list[list[Any]]]:
        """Its numbers: rows by the table's name."""
        kept = boards.board_of(self.tab, {"view": self.view, "inputs": dict(self.inputs)})
        return dict(takeaway.flat("", kept.tables or self.board.get("values", {})))

    @property
    def checks(self) -> list[str]:
        """What each check of the board and of its frames found, as the page says it."""
        say = takeaway.speaker(self.lang, self.tab.name)
        every = [*self.board.get("checks", [])]
        every += [one for frame in self.board["frames"] for one in frame.get("checks", [])]
        return [
            f"{'✓' if one['ok'] else '✗'} {say(one['law'])} ({one['holds']} / {one['of']})"
            if "law" in one
            else f"{'✓' if one['ok'] else '✗'} max |Δ| = {one['delta']:.1e} · {one['against']}"
            for one in every
        ]

    def facts(self, step: int) -> list[float]:
        """Return the numbers under a frame and under the whole board, in the page's order."""
        return takeaway.numbers_under(self.board, self._step(step))

    def figure(self, step: int) -> Picture:
        """Return the figure of a frame, from 0; negative ones count from the end."""
        from apps.stage.paper import figures

        at, frames = self._step(step), self.board["frames"]
        view = fill_histories(frames[at]["view"], frames[: at + 1])
        say = takeaway.speaker(self.lang, self.tab.name)
        made = figures.figure(view, self.board.get("parts", {}), say, 4)
        return Picture(figures.svg(made).decode())

    def _step(self, step: int) -> int:
        count = len(self.board["frames"])
        return integer("step", step, -count, count - 1) % count


def compute(
    tab: str,
    scene: int = 1,
    *,
    lang: str = "ko",
    told: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Computed:
    """Compute a scene as its page does.

    Args:
        tab: "rnn" and so on, see `apps.TABS`.
        scene: from 1.
        lang: "ko" or "en", of the words in figures.
        told: what was done to a live run, as the link of its page tells it.
        **changes: inputs that differ from the scene's preset; None takes one out.

    Raises:
        InputError: a tab, a scene or an input that is refused, in one sentence.
    """
    whole: Tab[Any] = import_module(f"apps.{choice('tab', tab, tuple(TABS))}").TAB
    every = boards.scenes(whole)
    preset = every[integer("scene", scene, 1, len(every)) - 1]
    inputs = {k: v for k, v in {**preset["inputs"], **changes}.items() if v is not None}
    ask = {"view": preset["view"], "inputs": inputs}
    reply = json.loads(boards.whole_board(whole, ask))
    if "error" in reply:
        raise InputError(reply["error"]["rule"], **reply["error"]["parts"])
    board = reply["ok"]
    if told:
        board = {**board, "frames": redo(whole, ask, board["frames"], told)}
    return Computed(whole, preset["view"], inputs, board, choice("lang", lang, LANGUAGES))


def redo(
    tab: Tab[Any], ask: Mapping[str, Any], opening: list[Any], told: Mapping[str, Any]
) -> list[Any]:
    """Return the frames of a run to which was done what a link tells (see web/runlog.js)."""
    frames, inputs = opening[: told["from"] + 1], dict(ask["inputs"])
    speeds: Any = tab.controls["speed"].get("options", []) if "speed" in tab.controls else []

    def go_on(act: str, pace: Mapping[str, Any]) -> Any:
        asked = {**ask, "inputs": {**inputs, **pace}, "state": frames[-1]["state"], "act": act}
        return json.loads(boards.as_json(boards.next_frame(tab, asked)))

    for act, count, changes, x in told["acts"]:
        inputs = {k: v for k, v in {**inputs, **changes}.items() if v is not None}
        if act == "show":
            frames[-1] = go_on(act, {})
            continue
        end = len(frames) + count
        while len(frames) < end if x is None else frames[-1]["values"]["x"] < x:
            left = np.inf if x is None else x - frames[-1]["values"]["x"]
            fits = [speed for speed in speeds if speed <= left]
            slower = fits and inputs["speed"] > left
            frame = go_on(act, {"speed": max(fits)} if slower else {})
            if x is not None and frame["values"]["x"] == frames[-1]["values"]["x"]:
                return frames  # the run has blown up
            frames.append(frame)
    return frames
