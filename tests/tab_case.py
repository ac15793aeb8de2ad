"""What every tab's tests need: a scene's board as the browser gets it, its words, its widgets."""

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any, NoReturn

from apps.stage.contract import Scene, Tab
from apps.stage.server import words
from apps.stage.server.boards import answers, scenes
from core.weights import WeightError


def refuse(name: str) -> NoReturn:
    """Say that a net cannot be had, in the place of what loads one."""
    raise WeightError("weights_unknown", name=name, allowed="none yet")


class TabCase:
    """One tab under test."""

    def __init__(self, name: str):
        self.name = name

    @property
    def tab(self) -> Tab[Any]:
        return import_module(f"apps.{self.name}").TAB

    @property
    def scenes(self) -> list[Scene]:
        """Its scenes with their whole presets."""
        return scenes(self.tab)

    def scene(self, view: str, which: int = 0) -> Scene:
        """Return the first scene of a view, or another one."""
        return [scene for scene in self.scenes if scene["view"] == view][which]

    def _of(self, scene: str | Scene, changes: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        found = self.scene(scene) if isinstance(scene, str) else scene
        return found["view"], {**found["inputs"], **changes}

    def reply(self, scene: str | Scene, **changes: Any) -> dict[str, Any]:
        """Return the server's reply for a scene, or a view's first one, with inputs changed."""
        view, inputs = self._of(scene, changes)
        return json.loads(answers(self.tab)[0]({"view": view, "inputs": inputs}))

    def asked(self, scene: str | Scene, **changes: Any) -> dict[str, Any]:
        """Return a board as the browser gets it."""
        reply = self.reply(scene, **changes)
        assert "error" not in reply, reply
        return reply["ok"]

    def refused(self, scene: str | Scene, **changes: Any) -> dict[str, Any]:
        """Return the parts of the sentence by which inputs are refused."""
        reply = self.reply(scene, **changes)
        assert reply["error"]["rule"] != "fault", reply
        return reply["error"]["parts"]

    def whole(self, scene: str | Scene, **changes: Any) -> dict[str, Any]:
        """Return a board after its last piece, its tables with it."""
        view, inputs = self._of(scene, changes)
        while True:
            board: Any = self.tab.board(view, inputs)
            more = board.get("more")
            if not more or more["done"] >= more["of"]:
                return board
            inputs[more["input"]] = more["next"]

    def tables(self, scene: str | Scene, **changes: Any) -> dict[str, Any]:
        """Return a board's numbers as CSV and JSON hold them, of its first piece."""
        view, inputs = self._of(scene, changes)
        return dict(self.tab.board(view, inputs).get("tables", {}))

    def knows(self, language: str, key: str) -> bool:
        """Return whether the page finds words for a key."""
        own = words.words(language, self.name)
        others = (words.words(language, name) for name in ("stage", "errors"))
        return any(isinstance(_at(table, key), str) for table in (own["words"], own, *others))

    def says(self, language: str, index: int) -> dict[str, str]:
        """Return a scene's sentences, minus signs plain."""
        scene = words.words(language, self.name)["scene"][index]
        return {part: text.replace("−", "-") for part, text in scene.items()}


def _at(table: Any, key: str) -> Any:
    for step in key.split("."):
        table = table.get(step) if isinstance(table, dict) else None
    return table


def labels(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every label with a key in a board."""
    for inner in _dicts(value):
        if isinstance(inner.get("k"), str):
            yield inner


def keys(value: Any) -> set[str]:
    """Return the keys of every word in a board."""
    return {label["k"] for label in labels(value)}


def widgets(value: Any, kind: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield every widget in a view, or those of one kind."""
    for inner in _dicts(value):
        if "w" in inner and kind in (None, inner["w"]):
            yield inner


def checks(board: Any) -> list[dict[str, Any]]:
    """Return a board's checks and its frames'."""
    return [*board.get("checks", []), *(c for f in board["frames"] for c in f.get("checks", []))]


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for inner in value:
            yield from _dicts(inner)
