"""Files to take away from a lesson: figure (SVG, PNG), animation (GIF), numbers (CSV, JSON) and a
notebook that computes them again.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from apps.stage.server import words
from apps.stage.server.notebook import as_ipynb
from apps.stage.widgets.chart import fill_histories
from core.inputs import InputError, choice, describe, integer
from core.progress import Stopped

if TYPE_CHECKING:
    from apps.stage.contract import Tab, Tables

MIMES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "gif": "image/gif",
    "csv": "text/csv;charset=utf-8",
    "json": "application/json",
    "ipynb": "application/x-ipynb+json",
}
PACE = (20, 10000)  # milliseconds a frame, as the page plays
MOST_DECIMALS = 8
ON_SCREEN = re.compile(r" \[\[.*?\]\]")  # what a label says of pressing: paper cannot be pressed
HALVES = re.compile("[\ud800-\udfff]")
LONGEST_RUN = 2_000  # frames of a run
MOST_FRAMES = 40  # of a run, in an animation
MOST_VALUES = 20_000  # of one of its frames
ASKED = (
    "kind",
    "step",
    "lang",
    "decimals",
    "pace",
    "scene",
    "told",
)  # what a file depends on, beside its board


def take(
    tab: Tab[Any],
    view: str,
    inputs: Mapping[str, Any],
    ask: Mapping[str, Any],
    board: Mapping[str, Any],
    tables: Tables,
) -> dict[str, str]:
    """Return a file of one scene.

    Args:
        tab: the lesson.
        view: which of its boards.
        inputs: the board's inputs.
        ask: "kind" ("svg", "png", "gif", "csv", "json", "ipynb"), and where they matter "step" (the
            frame, from 0), "lang" ("ko", "en"), "decimals" (0 to 8), "scene" (which one of those
            that show this view, from 0 of all). Of a run, which the server does not keep, the page
            sends what it shows: "run", its frames, "history", its curves, "told", what was done.
        board: as the page has it.
        tables: the board's numbers; where there are none, those that can be typed over.

    Returns:
        {"name": ASCII file name, "mime": its type, "data": its bytes in base64, "lacks": letters
        for which a figure shows a box}.

    Raises:
        InputError: if the ask is not one of these.
    """
    kind = kind_of(ask)
    if "run" in ask:
        board = {**board, "frames": _frames(ask["run"])}
    told = ask.get("told") is not None  # frames of a run that only its page has
    last = LONGEST_RUN if told else len(board["frames"]) - 1
    step = integer("step", ask.get("step", 0), 0, last)
    lang = choice("lang", ask.get("lang", "ko"), words.LANGUAGES)
    decimals = integer("decimals", ask.get("decimals", 4), 0, MOST_DECIMALS)
    pace = integer("pace", ask.get("pace", 900), *PACE)
    say = speaker(lang, tab.name)
    lacks = ""
    if kind == "ipynb":
        data = _notebook(tab, view, inputs, ask, board, lang)
    elif kind in ("csv", "json"):
        numbers = {**(tables or board.get("values", {}))}
        if "history" in ask:
            numbers["history"] = _numbers(ask["history"])
        data = as_csv(numbers) if kind == "csv" else as_json(view, inputs, numbers, board, say)
    else:
        try:
            data = _draw_figure(kind, board, step, say, decimals, pace)
            lacks = _lacking(kind, board, step)
        except (InputError, Stopped):
            raise
        except Exception as error:
            if "run" not in ask:
                raise
            raise InputError("drawn", field="run") from error  # what was sent is no view
    name = re.sub(r"[^a-z0-9-]", "-", f"{tab.name}-{view}-{step}".lower())
    data = base64.b64encode(data).decode()
    return {"name": f"{name}.{kind}", "mime": MIMES[kind], "data": data, "lacks": lacks}


def _notebook(
    tab: Tab[Any],
    view: str,
    inputs: Mapping[str, Any],
    ask: Mapping[str, Any],
    board: Mapping[str, Any],
    lang: str,
) -> bytes:
    """Return the notebook of a scene that shows this view: the first, or the one asked for."""
    shows = [str(n) for n, one in enumerate(words.scenes(tab.name)) if one["view"] == view]
    scene = int(choice("scene", str(ask.get("scene", shows[0])), shows))
    told, step = ask.get("told"), ask.get("step", 0)
    if told is not None and not isinstance(told, dict):
        raise InputError("object", field="told", got=describe(told), allowed="from, acts")
    numbers = None if told else numbers_under(board, step)
    return as_ipynb(tab, scene, lang, inputs, step, numbers, told)


def numbers_under(board: Mapping[str, Any], step: int) -> list[float]:
    """Return the numbers that stand under a frame and under a whole board, in the page's order."""
    facts = [*board["frames"][step].get("facts", []), *board.get("facts", [])]
    return [one["v"] for one in facts if isinstance(one["v"], (int, float))]


def kind_of(ask: Mapping[str, Any]) -> str:
    """Return which kind of file is asked for."""
    return choice("kind", ask.get("kind"), tuple(MIMES))


def _frames(run: Any) -> list[dict[str, Any]]:
    """Return a run's frames if there are 1 to 40 of them."""
    if not isinstance(run, list) or not 1 <= len(run) <= MOST_FRAMES:
        raise InputError("list", field="run", got=describe(run), allowed=f"1-{MOST_FRAMES}")
    for one in run:
        if not isinstance(one, dict) or not isinstance(one.get("view"), dict):
            raise InputError("drawn", field="run")
        if _count(one["view"]) > MOST_VALUES:
            raise InputError("large", field="run", got="…", allowed=f"{MOST_VALUES:,}")
    return [{"view": one["view"]} for one in run]


def _count(value: Any) -> int:
    """Return how many values a view holds."""
    if isinstance(value, (dict, list)):
        inner = value.values() if isinstance(value, dict) else value
        return sum(_count(one) for one in inner)
    return 1


def _numbers(history: Any) -> list[dict[str, Any]]:
    """Return the rows of a run's curves, all numbers or nothing."""
    try:
        return [{str(k): None if v is None else float(v) for k, v in r.items()} for r in history]
    except (AttributeError, TypeError, ValueError, OverflowError):
        raise InputError("list", field="history", got=describe(history), allowed="…") from None


def speaker(lang: str, name: str) -> Callable[[Any], str]:
    """Return a tab's label formatter: text as it is, {"k": key, …parts} looked up and filled."""
    own = words.words(lang, name)
    tables = (own.get("words", {}), own, words.words(lang, "stage"), words.words(lang, "errors"))

    def say(label: Any) -> str:
        if label is None:
            return ""
        if isinstance(label, (list, tuple)):
            return " ".join(say(one) for one in label)
        if isinstance(label, float) and label.is_integer():
            return str(int(label))  # as a browser says it
        if not isinstance(label, dict):
            return str(label)
        text = ON_SCREEN.sub("", find(label["k"]))
        return re.sub(r"\{(\w+)\}", lambda m: say(label[m[1]]) if m[1] in label else m[0], text)

    def find(key: str) -> str:
        for table in tables:
            at: Any = table
            for step in key.split("."):
                at = at.get(step) if isinstance(at, dict) else None
            if at is not None:
                return str(at)
        raise KeyError(f"no words for {key}")

    return say


def as_csv(tables: Tables) -> bytes:
    """Return every table in one CSV: a line with its name, its rows in full, a blank line."""
    out = io.StringIO()
    writer = csv.writer(out)
    for name, rows in flat("", tables):
        writer.writerow([inert(name)])
        writer.writerows([inert(entry) for entry in row] for row in rows)
        writer.writerow([])
    return out.getvalue().encode("utf-8-sig")  # the mark tells a spreadsheet that this is UTF-8


def inert(entry: Any) -> Any:
    """Return text that a spreadsheet would take for a formula with a quote before it, as text."""
    formula = isinstance(entry, str) and entry.lstrip().startswith(("=", "+", "-", "@"))
    return f"'{entry}" if formula else entry


def as_json(
    view: str,
    inputs: Mapping[str, Any],
    tables: Tables,
    board: Mapping[str, Any],
    say: Callable[[Any], str],
) -> bytes:
    """Return the scene's numbers with the checks that vouch for them, numbers at full precision."""
    checks = [
        {k: say(v) if isinstance(v, dict) else v for k, v in c.items()}
        for c in board.get("checks", [])
    ]
    scene = {
        "view": view,
        "inputs": dict(sorted(inputs.items())),
        "tables": tables,
        "checks": checks,
        "values": board.get("values", {}),
    }
    return json.dumps(bare(scene), ensure_ascii=False, allow_nan=False, indent=2).encode()


def flat(name: str, value: Any) -> list[tuple[str, list[list[Any]]]]:
    """Return named 2-D tables of anything nested: objects by key, stacks by index from 1."""
    value = bare(value)
    if isinstance(value, dict):
        return [t for k, v in value.items() for t in flat(f"{name}.{k}" if name else k, v)]
    if not isinstance(value, list):
        return [(name, [[value]])]
    if value and all(isinstance(v, dict) for v in value):
        return [(name, [list(value[0]), *([row.get(k) for k in value[0]] for row in value)])]
    if any(isinstance(entry, list) for row in value if isinstance(row, list) for entry in row):
        return [t for i, v in enumerate(value) for t in flat(f"{name}[{i + 1}]", v)]
    return [(name, [row if isinstance(row, list) else [row] for row in value])]


def bare(value: Any) -> Any:
    """Return arrays as lists and non-finite numbers as None, all the way down; half a character,
    which no encoding holds, becomes the sign for one that is not known.
    """
    if isinstance(value, str):
        return HALVES.sub("\ufffd", value)
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {bare(str(k)): bare(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [bare(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _lacking(kind: str, board: Mapping[str, Any], step: int) -> str:
    """Return the letters of what is drawn that the figures' fonts have not."""
    from apps.stage.paper.figures import missing_letters

    shown = board["frames"] if kind == "gif" else [board["frames"][step]]
    return missing_letters([*shown, {"view": board.get("parts", {})}])


def _draw_figure(
    kind: str,
    board: Mapping[str, Any],
    step: int,
    say: Callable[[Any], str],
    decimals: int,
    pace: int,
) -> bytes:
    from apps.stage.paper import figures  # matplotlib only starts when somebody takes a figure

    def draw(i: int) -> figures.Figure:
        view = fill_histories(board["frames"][i]["view"], board["frames"][: i + 1])
        return figures.figure(view, board.get("parts", {}), say, decimals)

    if kind == "gif":
        return figures.animation(draw, len(board["frames"]), pace)
    return figures.svg(draw(step)) if kind == "svg" else figures.png(draw(step))
