"""The law that a recall's energy never rises, and the check of recalls against torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from apps.lessons.hopfield.memory import Memory
from apps.stage import board as b
from apps.stage.contract import Check, Fact, Law
from core.models.hopfield import check
from core.models.hopfield.hopfield_traces import Recall as Trace

TOLERANCE = 1e-10


def energy_law(trace: Trace) -> Law | None:
    """Return the law that the energy never rose, where it is one: a unit at a time, no W_ii < 0."""
    energies = trace["energies"]
    lawful = trace["rule"] == "modern" or (
        trace["update"] != "sync" and np.diag(trace["W"]).min() > -1e-12
    )
    if not lawful or len(energies) < 2:
        return None
    return b.law(b.word("law_energy"), int((np.diff(energies) <= 1e-9).sum()), len(energies) - 1)


def rise_fact(trace: Trace, key: str) -> Fact:
    """Count how often the energy rose, where no law forbids it."""
    up = int((np.diff(trace["energies"]) > 1e-9).sum())
    return b.fact(b.word(key), f"{up} / {len(trace['energies']) - 1}")


def steps_law(memory: Memory, traces: Sequence[Trace]) -> Law:
    """Return the law that torch makes the same updates, and stops where the recalls stop."""
    found = [check.right_steps(memory.X, t["rule"], t) for t in traces]
    return b.law(b.word("law_steps"), sum(n for n, _ in found), sum(of for _, of in found))


def torch_check(memory: Memory, traces: Sequence[Trace]) -> Check:
    """Return the check of recalls against torch, the largest difference of them."""
    found = [check.hopfield_delta(memory.X, t["rule"], t) for t in traces]
    against = " · ".join(dict.fromkeys(f["against"] for f in found)) if len(found) < 3 else "torch"
    return b.check(max(f["delta"] for f in found), against, TOLERANCE)
