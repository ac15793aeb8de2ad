"""Time from process start to the first page, the hub against an empty Gradio app. Goal: ratio ≤
1.15.

    python -m tests.bench.start [--tabs 15] [--runs 7]

Both are started in turn, several times, and the medians compared; each page is fetched as soon as
the server listens. Before the first counted run each has started once, so that Python's compiled
files are there. `--tabs` more than there are fills up with copies: each has modules, words, scenes
and endpoints of its own, as another lesson would.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from apps import TABS
from tests.conftest import ROOT, free_port

EMPTY = """
import gradio as gr, sys
with gr.Blocks() as demo:
    gr.HTML("empty")
demo.launch(server_port=int(sys.argv[1]), ssr_mode=False, quiet=True)
"""


def first_page(command: list[str], tree: Path, cache: Path) -> tuple[float, float]:
    """Start a server; return the seconds, and those of processor, until a page has come whole.

    Args:
        command: that starts it; the port is added.
        tree: where.
        cache: folder of Python's compiled files.
    """
    port = free_port()
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}  # for both alike
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(cache)
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, str(port)],
        env=environment,
        cwd=tree,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).read()
                used = psutil.Process(process.pid).cpu_times()
                return time.perf_counter() - began, used.user + used.system
            except OSError:
                time.sleep(0.01)
        raise RuntimeError(f"the server ended: {command}")
    finally:
        process.terminate()
        process.wait()


def grow(folder: Path, count: int) -> Path:
    """Return a copy of this tree in `folder` that has `count` tabs, the first ones copied anew."""
    shutil.copytree(ROOT / "apps", folder / "apps", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("core", "weights"):
        (folder / name).symlink_to(ROOT / name)
    names = [*TABS]
    for number in range(len(TABS), count):
        old = TABS[number % len(TABS)]
        new = f"{old}{number}"
        names.append(new)

        def rename(text: str, old: str = old, new: str = new) -> str:
            text = re.sub(rf"\bapps\.lessons\.{old}\b", f"apps.lessons.{new}", text)
            return re.sub(
                rf'(\bname=|home_card\.picture, |serve_tab\()"{old}"', rf'\1"{new}"', text
            )

        page = (folder / "apps" / f"{old}.py").read_text("utf-8")
        (folder / "apps" / f"{new}.py").write_text(rename(page), "utf-8")
        lesson = folder / "apps" / "lessons" / new
        shutil.copytree(folder / "apps" / "lessons" / old, lesson)
        for file in lesson.rglob("*.py"):
            file.write_text(rename(file.read_text("utf-8")), "utf-8")
    index = folder / "apps" / "__init__.py"
    index.write_text(re.sub(r"TABS = \(.*?\)", f"TABS = {tuple(names)}", index.read_text("utf-8")))
    return folder


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Print both medians and their ratio; return them."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.start")
    parser.add_argument("--tabs", type=int, default=len(TABS))
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args(arguments)
    hub, empty = [], []
    with tempfile.TemporaryDirectory() as room:
        cache = Path(room) / "compiled"
        tree = ROOT if asked.tabs == len(TABS) else grow(Path(room) / "tree", asked.tabs)
        starts = [
            (empty, [sys.executable, "-c", EMPTY]),
            (hub, [sys.executable, "-m", "apps", "--no-browser", "--port"]),
        ]
        for run in range(-1, asked.runs):
            for times, command in starts:
                took = first_page(command, tree, cache)
                if run >= 0:
                    times.append(took)
    (ours, work), (theirs, least) = (map(statistics.median, zip(*times)) for times in (hub, empty))
    print(
        f"start: hub of {asked.tabs} tabs {ours:.2f} s, empty Gradio app {theirs:.2f} s, ratio"
        f" {ours / theirs:.2f} (goal ≤ 1.15); processor {work:.2f} s, {least:.2f} s, ratio"
        f" {work / least:.2f}"
    )
    return {
        "tabs": asked.tabs,
        "hub": ours,
        "empty": theirs,
        "ratio": ours / theirs,
        "work": work,
        "least": least,
        "work_ratio": work / least,
    }


if __name__ == "__main__":
    main()
