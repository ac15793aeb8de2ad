"""View "rules": the same start under Hebb, Storkey, pseudo-inverse and modern."""

from __future__ import annotations

from apps.lessons.hopfield import path
from apps.lessons.hopfield.inputs import Inputs
from apps.lessons.hopfield.laws import steps_law, torch_check
from apps.lessons.hopfield.memory import Memory, board_of, read_memory
from apps.lessons.hopfield.side_by_side import end_role, end_turn, repeat_end, state_label
from apps.stage import board as b
from apps.stage.contract import Board, Frame
from core.models.hopfield.network import RULES


def rules(inputs: Inputs) -> Board:
    """Show the same probe recalled under all four rules."""
    memory = read_memory(inputs)
    frames, traces = rule_frames(memory, inputs)
    ends = [[rule, t["end"], t["match"]] for rule, t in traces.items()]
    return {
        **board_of(memory, inputs, frames, None),
        "checks": [
            torch_check(memory, list(traces.values())),
            steps_law(memory, list(traces.values())),
        ],
        "turn": end_turn(b.word("turn_rules", p=memory.names[memory.target]), traces["hebb"]),
        "tables": {"ends": [["rule", "end", "match"], *ends]},
    }


def rule_frames(memory: Memory, inputs: Inputs) -> tuple[list[Frame], dict[str, path.Trace]]:
    """Return the frames of all four rules, and their traces."""
    traces = {rule: path.run(memory, inputs, rule=rule) for rule in RULES}
    long = max(len(t["states"]) for t in traces.values())
    target = memory.X[memory.target]
    shown = path.pick_evenly(long)
    roles = dict(zip(RULES, ("grad", "real", "hidden", "made")))
    overlaps = {r: repeat_end(t, long)[0] @ target / memory.N for r, t in traces.items()}
    low = float(min(m.min() for m in overlaps.values()))
    out = []
    for k in shown:
        done = [at for at in shown if at <= k]  # the rest would tell the end
        lines = [
            b.series(b.word(f"option.{rule}"), m[done], roles[rule], x=done)
            for rule, m in overlaps.items()
        ]
        grids = [rule_grid(memory, rule, t, k) for rule, t in traces.items()]
        start = memory.grid(memory.probe, b.word("start"), 100, edit="probe")
        label = b.word("overlap_to", p=memory.names[memory.target])
        axis = b.word("steps_axis")
        chart = b.chart(
            label,
            lines,
            x=axis,
            cursor=k,
            low=low,
            high=1,
            x_range=(0, max(1, shown[-1])),
            width=640,
            height=170,
        )
        view = b.column(b.row(start, *grids, gap="mid"), chart, gap="mid")
        out.append(b.frame(view, b.word("step_n", n=str(k)), []))
    out[-1]["name"] = b.word(
        "told_rules",
        n=str(sum(t["end"] == "stored" and t["match"] == memory.target for t in traces.values())),
    )
    return out, traces


def rule_grid(memory: Memory, rule: str, trace: path.Trace, k: int) -> b.Widget:
    """Return the state k of a recall as a grid, with how it stands under it."""
    at = min(k, len(trace["states"]) - 1)
    flipped = path.changed_cells(trace, k) if at == k else []
    now = memory.grid(trace["states"][at], b.word(f"option.{rule}"), 145, flip=flipped)
    text = b.text(state_label(memory, trace, k), end_role(trace, k), "note")
    return b.column(now, text)
