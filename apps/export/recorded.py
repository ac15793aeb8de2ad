"""What a page without a server can answer: the boards, sources and files that are written for it.

Of each scene its preset, the settings that its answer says to try, and one control moved at a time,
where the control has few values. A run is recorded as the frames of its first act.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from apps.stage.contract import Control, Scene, Tab
from apps.stage.declare import controls
from apps.stage.server import boards

FEW = 12  # values that a control may have for all of them to be written
PRESSES = 3  # of a button that counts without end
RUN = 40  # frames of a run that are recorded after its opening
BUDGET = 300_000  # bytes of a scene's boards, compressed
FILES = ("json", "csv", "svg", "ipynb")  # a picture in pixels is made of the SVG in the browser


@dataclass(frozen=True)
class Recorded:
    """A scene as it is written.

    Attributes:
        boards: each board's text by what of the preset it changes, as JSON; {} is the preset.
        controls: what can be moved, by name, with the values that are written.
        left_out: how many boards did not fit into the budget or were refused.
    """

    boards: dict[str, str]
    controls: dict[str, list[Any]]
    left_out: int

    @property
    def size(self) -> int:
        """Bytes of all its boards, compressed."""
        return sum(packed_size(text) for text in self.boards.values())


def record(tab: Tab[Any], scene: Scene) -> Recorded:
    """Compute the boards of a scene: the preset's first, then what is near to it."""
    whole = board(tab, scene, scene["inputs"])
    limits = json.loads(whole).get("limits", {})
    known = controls(tab.inputs)
    found, moved, left_out = {"{}": whole}, {}, 0
    left = BUDGET - packed_size(whole)
    tries = move_controls(scene["inputs"], known, scene.get("tries", {}))
    moved_by_hand = [] if scene.get("live") else moves(scene, known, limits)  # runs are long
    for name, value, inputs in [("", None, tries), *moved_by_hand]:
        key = json.dumps(changes(scene["inputs"], inputs), sort_keys=True)
        text = found.get(key) or board(tab, scene, inputs)
        size = 0 if key in found else packed_size(text)
        if "error" in text[:9] or size > left:
            left_out += 1
            continue
        found[key], left = text, left - size
        if name:
            moved.setdefault(name, []).append(value)
    return Recorded(
        found, {name: values for name, values in moved.items() if len(values) > 1}, left_out
    )


def moves(
    scene: Scene, known: Mapping[str, Control], limits: Mapping[str, Any]
) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Yield (control, value, all inputs) of every single move that a person can make."""
    for name in [*scene["controls"], *scene.get("further", [])]:
        control: Any = {**known[name], **limits.get(name, {})}
        if control.get("local"):
            continue
        for value in values(control):
            yield name, value, move_controls(scene["inputs"], known, {name: value})


def values(control: Control) -> list[Any]:
    """Return a control's values if they are few, else none."""
    kind = control["kind"]
    if kind == "check":
        return [False, True]
    if kind == "choice":
        options = control.get("options", [])
        return options if len(options) <= FEW else []
    if kind == "button":
        return list(range(control.get("cycle", PRESSES + 1)))
    if kind == "range":
        low, high, step = control["min"], control["max"], control["step"]  # type: ignore[typeddict-item]
        count = round((high - low) / step) + 1
        steps = (low + np.arange(count) * step).round(10).tolist() if count <= FEW else []
        return [int(v) if float(v).is_integer() else v for v in steps]
    return []


def move_controls(
    preset: Mapping[str, Any], known: Mapping[str, Control], moved: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a scene's inputs after controls were moved, as web/state.js does it."""
    draft = dict(preset)
    for name, value in moved.items():
        control = known[name] if name in known else {}
        for other in control.get("resets", []):
            draft.pop(other, None)
            draft |= {other: preset[other]} if other in preset else {}
        draft |= control.get("brings", {}).get(str(value), {})
        draft[name] = value
    return draft


def changes(preset: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs from the preset; null for an input that is gone."""
    found = {name: value for name, value in inputs.items() if preset.get(name) != value}
    return found | {name: None for name in preset if name not in inputs}


def board(tab: Tab[Any], scene: Scene, inputs: Mapping[str, Any]) -> str:
    """Return the text of a whole board as {"ok": …}, or {"error": …} where it is refused."""
    ask = {"view": scene["view"], "inputs": dict(inputs)}
    text = boards.whole_board(tab, ask)
    made = json.loads(text)
    return boards.as_json({"ok": run(tab, ask, made["ok"])}) if "ok" in made else text


def run(tab: Tab[Any], ask: Mapping[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """Return a board whose run, if it begins one, is recorded: frames to play, no live part."""
    live = made.pop("live", None)
    for _ in range(RUN if live else 0):
        last = made["frames"][-1]
        frame = boards.next_frame(tab, {**ask, "state": last["state"], "act": live["acts"][0]})
        frame = json.loads(boards.as_json(frame))
        if frame.get("values", {}).get("x") == last.get("values", {}).get("x"):
            break  # it has blown up
        made["frames"].append(frame)
    for frame in made["frames"]:
        frame.pop("state", None)
    return made


def files(tab: Tab[Any], scene: Scene, language: str) -> dict[str, bytes]:
    """Return the files to take away of a scene's preset by name, and the code's sources."""
    _, code, take, _ = boards.answers(tab)
    ask = {"view": scene["view"], "inputs": scene["inputs"], "lang": language}
    found = {"code": code(ask).encode()}
    for kind in FILES:
        reply = json.loads(take({**ask, "kind": kind, "step": 0, "decimals": 4, "pace": 900}))
        if "ok" in reply:
            found[kind] = base64.b64decode(reply["ok"]["data"])
    return found


def packed_size(text: str) -> int:
    """Return how many bytes a text takes, compressed."""
    return len(gzip.compress(text.encode(), 6))
