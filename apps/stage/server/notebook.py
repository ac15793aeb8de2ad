"""A scene as a notebook to take away, which computes its numbers again and draws its figure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from apps.stage.contract import Functions, Tab
from apps.stage.declare import preset
from apps.stage.server import words

LIKE = 1e-3  # of a number: how far another machine's may be off


def as_ipynb(
    tab: Tab[Any],
    scene: int,
    lang: str,
    inputs: Mapping[str, Any],
    step: int,
    numbers: Sequence[float] | None,
    told: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the notebook of a scene (nbformat 4.5).

    Args:
        tab: the lesson.
        scene: which one, from 0.
        lang: of its sentences and of the figure's words.
        inputs: of its board.
        step: the frame whose figure it draws, from 0.
        numbers: under that frame as the page shows them; None where the page has them alone.
        told: what was done to a live run (see web/runlog.js).
    """
    text = words.words(lang, tab.name)
    said = text["scene"][scene]
    told_by = words.words(lang, "stage")["notebook"]
    before = preset(tab.inputs, words.scenes(tab.name)[scene])
    changes = {k: v for k, v in inputs.items() if before.get(k) != v}
    changes |= {k: None for k in before if k not in inputs}
    call = [repr(tab.name), str(scene + 1), f"lang={lang!r}"]
    call += [f"told={told!r}"] if told else []
    call += [f"{name}={value!r}" for name, value in sorted(changes.items())]
    compute = ["from apps import lessons", "", f"found = lessons.compute({', '.join(call)})"]
    show = [
        "for name, rows in found.tables.items():",
        "    print(name)",
        "    for row in rows[:8]:",
        '        print("   ", *row)',
    ]
    cells = [
        markdown(f"# {said['claim']}", f"*{text['title']}, {scene + 1}*", said["say"]),
        markdown(told_by["setup"]),
        code(*compute, "found.checks"),
        markdown(f"## {told_by['numbers']}"),
        code(*show),
    ]
    if numbers:
        cells += [
            markdown(told_by["same"]),
            code(
                "import numpy as np",
                "",
                f"np.testing.assert_allclose(found.facts({step}), {list(numbers)!r},",
                f"                           rtol={LIKE:g}, atol={LIKE:g})",
            ),
        ]
    cells += [markdown(f"## {told_by['figure']}"), code(f"found.figure({step})")]
    view = words.scenes(tab.name)[scene]["view"]
    functions = tab.functions(view, inputs)
    if functions:
        cells += [markdown(f"## {told_by['code']}"), code(*sources(functions))]
    question = words.words(lang, "stage")["question"]
    answer = f"<details><summary>{told_by['answer']}</summary>\n\n{said['answer']}\n\n</details>"
    cells.append(markdown(f"## {question}", said["ask"], answer))
    return as_text(cells)


def sources(functions: Functions) -> list[str]:
    """Return the lines that print the source of functions, each imported from core."""
    names = [(f.__module__, *f.__qualname__.split(".")) for f in functions]
    imports = sorted({f"from {module} import {top}" for module, top, *_ in names})
    called = ", ".join(".".join(parts) for _, *parts in names)
    loop = [f"for function in ({called},):", "    print(inspect.getsource(function))"]
    return ["import inspect", "", *imports, "", *loop]


def markdown(*paragraphs: str) -> dict[str, Any]:
    """Return a cell of text."""
    return {"cell_type": "markdown", "metadata": {}, "source": "\n\n".join(paragraphs)}


def code(*lines: str) -> dict[str, Any]:
    """Return a cell of code that has not run."""
    source = "\n".join(lines)
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
    }


def as_text(cells: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a notebook file of cells."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": [{"id": f"cell-{k}", **cell} for k, cell in enumerate(cells)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()
