"""Hopfield recall: patterns written into weights by a formula, recalled by going downhill."""

from __future__ import annotations

from apps.lessons.hopfield.attention import attention
from apps.lessons.hopfield.basins import basins as basins_view
from apps.lessons.hopfield.capacity import capacity as capacity_view
from apps.lessons.hopfield.draw import draw
from apps.lessons.hopfield.inputs import Inputs
from apps.lessons.hopfield.landscape import landscape
from apps.lessons.hopfield.recall import recall
from apps.lessons.hopfield.rules import rules
from apps.lessons.hopfield.store import store
from apps.lessons.hopfield.versus import versus
from apps.stage import Tab, View
from apps.stage.server import alone
from core.models.hopfield import basins, capacity, modern, network

# ---- the API


def hopfield_recall(
    patterns: list,
    probe: list,
    rule: str = "hebb",
    update: str = "async",
    seed: int = 0,
    beta: float | None = 1.0,
    max_steps: int = 100,
) -> dict:
    """Store patterns in a Hopfield network and recall from a probe until nothing moves, in float64.

    Nothing is trained: Hebb's weights are W = XᵀX / N with zero diagonal, the energy is
    E = −½ sᵀWs, and a unit whose field is zero stays as it is.

    Args:
        patterns: P flat lists of N numbers -1 and 1; P from 1 to 64, N from 2 to 256.
        probe: the first state, N numbers -1 and 1.
        rule: "hebb", "storkey", "pseudoinverse", or "modern" (Ramsauer et al. 2021, softmax).
        update: "sync" (all units at once), "async" (one at a time in a random order from the
            seed) or "sequential" (one at a time in order); "modern" moves all at once always.
        seed: 0 to 2147483647, draws the orders of "async".
        beta: inverse temperature of "modern", 0.01 to 100; null for another rule.
        max_steps: most sweeps ("async", "sequential") or updates ("sync", "modern"), 1 to 1000.

    Returns:
        "states" (K+1 x N of -1 and 1, the first is the probe; one by one each next state differs
        in one unit; "modern" gives the signs of its real states), "energies" (K+1), "end"
        ("stored", "negative" or "spurious" fixed point, "cycle" of two states, or "limit" of
        max_steps), "match" (the index of the stored or negated pattern, else null), "overlaps"
        (P numbers in [-1, 1], m = x·s / N of the last state).

    Raises:
        InputError: an input that is refused, in one sentence that names it, what came and what
            is allowed.
    """
    trace = network.recall(patterns, probe, rule, update, seed, beta, max_steps)
    return {name: trace[name] for name in ("states", "energies", "end", "match", "overlaps")}


# ---- the tab

RECALL = (
    network.hebb,
    network.fields,
    network.signs,
    network.update_one,
    network.settle_one_by_one,
    network.energy,
    network.name_state,
    network.mixture,
)

TAB = Tab(
    name="hopfield",
    inputs=Inputs,
    views={
        "store": View(store, (network.hebb, network.storkey, network.pseudoinverse)),
        "recall": View(recall, RECALL),
        "draw": View(draw, RECALL),
        "basins": View(basins_view, (basins.map_noise, capacity.recall_batch)),
        "landscape": View(landscape, (basins.landscape, basins.all_states, network.energy)),
        "versus": View(
            versus,
            (
                network.update_one,
                network.update_all,
                network.settle_one_by_one,
                network.settle_sync,
            ),
        ),
        "rules": View(
            rules,
            (
                network.hebb,
                network.storkey,
                network.local_fields,
                network.pseudoinverse,
                modern.modern_step,
            ),
        ),
        "capacity": View(
            capacity_view,
            (capacity.capacity_point, capacity.recall_batch, capacity.recall_modern_batch),
        ),
        "attention": View(
            attention,
            (
                modern.attend,
                modern.modern_step,
                modern.modern_energy,
                modern.as_attention,
            ),
        ),
    },
    endpoints=(hopfield_recall,),
)

__getattr__ = alone.lazily(TAB)  # `demo`, built when it is asked for
if __name__ == "__main__":
    demo = alone.build(TAB)
    alone.run(demo, TAB)
