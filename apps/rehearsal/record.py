"""The record of one scene's rehearsal, and its verdict."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from apps.stage.server import words

OPENING = 3  # times as long as a step may take what opens a tab: its first scene brings the page


@dataclass
class Seen:
    """Findings of one scene's visit.

    Attributes:
        tab: its route.
        number: its place in the tab, from 1.
        first: milliseconds until it was drawn, nothing having been computed before.
        again: the same once the hub has warmed up: what the audience waits.
        whole: milliseconds until a computation that comes in pieces was at its end.
        rate: pictures a second of a run that is watched.
        faults: (kind, what came), kinds being keys of [fault] in the words.
        facts: (kind, text) of the line under the stage, kinds "name", "fact", "ok", "bad".
        pictures: (data URI, width, height) as opened and, with a time axis, at its end.
    """

    tab: str
    number: int
    first: float | None = None
    again: float | None = None
    whole: float | None = None
    rate: float | None = None
    faults: list[tuple[str, str]] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[tuple[str, int, int]] = field(default_factory=list)

    def blame(self, faults: Iterable[tuple[str, str]]) -> None:
        """Take up faults, each once."""
        self.faults += [one for one in dict.fromkeys(faults) if one not in self.faults]

    def verdict(self, slow: float) -> str:
        """Return "broken", "slow" or "good"; `slow` is the limit in milliseconds."""
        if self.faults:
            return "broken"
        waited = self.first if self.again is None else self.again
        limit = slow * OPENING if self.number == 1 else slow
        return "slow" if waited is not None and waited > limit else "good"

    def words(self, lang: str) -> dict[str, str]:
        """Return the scene's claim, text, question and answer."""
        return words.words(lang, self.tab)["scene"][self.number - 1]


def machine() -> str:
    """Describe the machine that the times depend on: system, cores, Python, versions."""
    parts = [f"{platform.system()} {platform.machine()}", f"{os.cpu_count()} CPU"]
    parts.append(f"Python {platform.python_version()}")
    for name in ("gradio", "torch"):
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return " · ".join(parts)
