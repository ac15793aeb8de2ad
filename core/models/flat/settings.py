"""Settings of a live run in the plane: what they aim at, and how they hold what was checked.

A run's settings are a frozen dataclass; what each field may be stands beside the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

from core.data.densities import Density, density, from_points

Points = tuple[tuple[float, float], ...]


class Aimed(Protocol):
    """What settings say of the density that is to be learned."""

    @property
    def target(self) -> str:
        """A name of core.data.densities.NAMES, or "drawn"."""
        ...

    @property
    def points(self) -> Points:
        """The points of a drawn target; else ignored."""
        ...

    @property
    def sigma(self) -> float:
        """The width of a drawn target's points."""
        ...


def hold(settings: Aimed, checked: Mapping[str, Any]) -> None:
    """Put checked values, "sigma" among them, into frozen settings, and a drawn target's points.

    Raises:
        InputError: the target is drawn, and its points are not 3 to 400 from −4 to 4.
    """
    points: Points = ()
    if settings.target == "drawn":
        centres = from_points(settings.points, checked["sigma"]).centres
        points = tuple((x, y) for x, y in centres.tolist())
    for name, value in {**checked, "points": points}.items():
        object.__setattr__(settings, name, value)


def target(settings: Aimed) -> Density:
    """Return the density that is to be learned; the same object for the same target."""
    drawn = settings.target == "drawn"
    return _target(settings.target, settings.points, settings.sigma if drawn else 0.0)


@lru_cache(maxsize=96)
def _target(name: str, points: Points, sigma: float) -> Density:
    return from_points(points, sigma) if name == "drawn" else density(name)
