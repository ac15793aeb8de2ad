"""Thirty seats: visitors who open the hub at the same moment, then step, slide and sample.

    python -m tests.bench.seats [--seats 30] [--minutes 2] [--tree FOLDER] [--browsers 1]

Goals: all pages usable 10 s after a simultaneous cold opening; 95 % of steps and slides within 1 s;
who samples hears a place in the line; no error; no answer that is another's; memory +5 % at most.

A seat is a browser's traffic: the files that a real Chromium asked for (recorded first), over six
connections, without a cache; then the questions that a page asks. Seats and server share the
machine: what is printed is an upper bound. `--browsers` of the seats are real ones, in Chromium.
`--tree` measures another checkout, for a before and after in one session.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import psutil

from apps import TABS
from apps.stage.contract import Scene
from tests.conftest import QUIET, ROOT, free_port
from tests.tab_case import TabCase

SAMPLED = {  # scenes that draw samples from a seed, piece by piece
    "gan": ("classes",),
    "ebm": ("ten",),
    "ddpm": ("reverse", "guide", "survive", "complete"),
}
READY = ".page:not([aria-busy])"


class Seat:
    """One visitor: an HTTP client of its own, a tab, a seed."""

    def __init__(self, url: str, number: int, files: dict[str, list[str]], told: dict[str, list]):
        self.tab, self.number, self.told = TABS[number % len(TABS)], number, told
        self.scenes = TabCase(self.tab).scenes
        self.controls = import_module(f"apps.{self.tab}").TAB.controls
        self.files, self.random = files[self.tab], random.Random(number)
        limits = httpx.Limits(max_connections=6)
        headers = {"Accept-Encoding": "gzip, deflate, br"}
        self.client = httpx.AsyncClient(base_url=url, limits=limits, headers=headers, timeout=120)

    async def open(self) -> None:
        """Open the page cold; note the seconds until its first board is there."""
        began = time.perf_counter()
        page = (await self.client.get(f"/{self.tab}")).raise_for_status().text
        found = re.search(r"gradio_config = (\{.*?\});</script>", page, re.DOTALL)
        assert found, "no page of Gradio's"
        parts = json.loads(found[1])["components"]
        self.component = next(c["id"] for c in parts if c["props"].get("elem_id") == "page")
        await asyncio.gather(*map(self.load, self.files))
        await self.board(self.scenes[0]["view"], self.scenes[0]["inputs"])
        self.told["open"].append(time.perf_counter() - began)

    async def load(self, path: str) -> None:
        """Load one file as it comes over the line."""
        async with self.client.stream("GET", path) as reply:
            reply.raise_for_status()
            async for part in reply.aiter_raw():
                self.told["bytes"].append(len(part))

    async def board(self, view: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Ask for a board as a page does; its place in the line comes back as {"wait": …}."""
        data = {"view": view, "inputs": inputs, "ticket": f"seat {self.number}"}
        ask = {"session_hash": f"seat{self.number}", "component_id": self.component}
        reply = await self.client.post(
            "/gradio_api/component_server", json={**ask, "fn_name": "board", "data": data}
        )
        said = json.loads(reply.raise_for_status().json())
        refused = said.get("error", {})
        if refused.get("rule") == "fault":
            raise RuntimeError(f"{self.tab} {view} {inputs}: {refused}")
        return said.get("ok", {"refused": refused})  # some sliders may not stand everywhere

    async def stay(self, until: float) -> None:
        """Step, slide and sample, with a second or three to think, until a moment."""
        while time.monotonic() < until:
            await asyncio.sleep(self.random.uniform(1, 3))
            scene = self.random.choice(self.scenes)
            try:
                if scene["view"] in SAMPLED.get(self.tab, ()):
                    await self.sample(scene)
                else:
                    await self.slide(scene)
            except (httpx.HTTPError, RuntimeError) as error:
                self.told["errors"].append(f"{self.tab}: {error!r}")

    async def slide(self, scene: Scene) -> None:
        """Go to a scene, or move one of its sliders."""
        names = [n for n in scene.get("controls", []) if self.controls[n]["kind"] == "range"]
        names = [n for n in names if not self.controls[n].get("local")]
        inputs, what = dict(scene["inputs"]), "step"
        live = "opening" in inputs  # its sliders train anew
        if names and not live and self.random.random() < 0.7:
            name, what = self.random.choice(names), "slide"
            inputs[name] = self.places(self.controls[name])
        began = time.perf_counter()
        board = await self.board(scene["view"], inputs)
        while "wait" in board:
            what = "waited"
            board = await self.board(scene["view"], inputs)
        self.told[what].append(time.perf_counter() - began)
        if not board.keys() & {"live", "more", "refused"}:
            self.told["answers"].append((self.tab, scene["view"], inputs, pictures(board)))

    async def sample(self, scene: Scene) -> None:
        """Draw from a seed of one's own, all pieces; note the first sign, the guess, the whole."""
        inputs = {**scene["inputs"], "seed": 1000 * self.number + self.random.randrange(1000)}
        asked = dict(inputs)
        began, first, guess, more = time.perf_counter(), None, 0.0, None
        while first is None or more is None or more["done"] < more["of"]:
            board = await self.board(scene["view"], inputs)
            now = time.perf_counter() - began
            if first is None:
                first = now
                guess = board["wait"]["seconds"] if "wait" in board else 0.0
            if "wait" in board:
                continue
            if more is None:
                self.told["guess"].append((guess, now))
            more = board.get("more") or {"done": 1, "of": 1, "input": "seed", "next": 0}
            if more["done"] < more["of"]:
                inputs[more["input"]] = more["next"]
        self.told["sign"].append(first)
        self.told["sample"].append(time.perf_counter() - began)
        self.told["answers"].append((self.tab, scene["view"], asked, pictures(board)))

    def places(self, spec: dict[str, Any]) -> float:
        """Return where a slider may stand."""
        count = round((spec["max"] - spec["min"]) / spec["step"])
        return round(spec["min"] + self.random.randint(0, count) * spec["step"], 9)


def pictures(board: Any) -> list[str]:
    """Return a board's pictures, or all of it where it has none: what a seed decides."""
    found = re.findall(r"data:image/png;base64,[A-Za-z0-9+/=]+", json.dumps(board))
    return found or [json.dumps(board, sort_keys=True)]


def strangers(answers: list[tuple]) -> int:
    """Return how many answers differ from what this process computes from the same question."""
    import torch

    from apps.stage.server.boards import kept_board

    torch.set_num_threads(1)
    wrong = 0
    for tab, view, inputs, came in answers:
        mine, more = import_module(f"apps.{tab}").TAB, {"done": 0, "of": 1, "input": "", "next": 0}
        while more["done"] < more["of"]:
            told = {**inputs, more["input"]: more["next"]} if more["input"] else inputs
            board = json.loads(kept_board(mine, view, json.dumps(told, sort_keys=True)).text)
            more = board.get("more") or {"done": 1, "of": 1}
        if pictures(board) != came:
            wrong += 1
            print(f"  another answer: {tab} {view} {inputs}")
    return wrong


def record(url: str) -> dict[str, list[str]]:
    """Return for each tab the files that Chromium asks for in a first visit."""
    from playwright.sync_api import sync_playwright

    def visit(tab: str) -> list[str]:
        page, seen = chromium.new_page(), []
        page.on("request", lambda one: seen.append(one))
        page.goto(f"{url}/{tab}", wait_until="commit")
        page.wait_for_selector(READY, timeout=120_000)
        page.close()
        got = [one.url for one in seen[1:] if one.method == "GET"]
        return [one for one in got if one.startswith(url) and "/gradio_api/" not in one]

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        files = {tab: visit(tab) for tab in TABS}
        chromium.close()
    return files


async def real(url: str, count: int, told: dict[str, list]) -> None:
    """Open pages in `count` real browsers; note the seconds until each is usable."""
    from playwright.async_api import async_playwright

    async with async_playwright() as play:
        chromium = await play.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)

        async def one(k: int) -> None:
            page = await (await chromium.new_context()).new_page()
            began = time.perf_counter()
            await page.goto(f"{url}/{TABS[k % len(TABS)]}", wait_until="commit", timeout=120_000)
            await page.wait_for_selector(READY, timeout=120_000)
            told["browsers"].append(time.perf_counter() - began)

        await asyncio.gather(*(one(k) for k in range(count)))
        await chromium.close()


async def seat_all(url: str, chosen: argparse.Namespace, server: psutil.Process) -> dict[str, list]:
    """Let everybody come, stay and leave; return what was noted."""
    files = await asyncio.to_thread(record, url)
    names = "open bytes browsers step slide waited sign sample guess answers errors memory".split()
    told: dict[str, list] = {name: [] for name in names}
    seats = [Seat(url, k, files, told) for k in range(chosen.seats - chosen.browsers)]
    before = sum(server.cpu_times()[:2])
    await asyncio.gather(real(url, chosen.browsers, told), *(seat.open() for seat in seats))
    told["cpu"] = [sum(server.cpu_times()[:2]) - before]
    until = time.monotonic() + 60 * chosen.minutes

    async def weigh() -> None:
        while time.monotonic() < until:
            await asyncio.sleep(5)
            told["memory"].append(server.memory_info().rss / 1e6)

    await asyncio.gather(weigh(), *(seat.stay(until) for seat in seats))
    return told


def wait_for_rest(server: psutil.Process) -> None:
    """Wait until the server has computed its scenes and rests."""
    quiet = 0
    while quiet < 3:
        quiet = quiet + 1 if server.cpu_percent(2) < 10 else 0


def line(name: str, seconds: list[float], goal: str = "") -> float:
    """Print median, 95th percentile and largest of one kind; return the 95th percentile."""
    if len(seconds) < 2:
        print(f"{name:34} {[round(s, 2) for s in seconds]}")
        return max(seconds, default=0.0)
    p95 = statistics.quantiles(seconds, n=20)[-1]
    print(
        f"{name:34} n {len(seconds):4}  median {statistics.median(seconds):6.2f} s"
        f"  p95 {p95:6.2f} s  max {max(seconds):6.2f} s  {goal}"
    )
    return p95


def report(told: dict[str, list], same: bool) -> dict[str, Any]:
    """Print what was noted, against the goals, and return it; `same`: the server ran this
    checkout.
    """
    seen: dict[str, Any] = {"cold_max": max(told["open"]), "cpu": told["cpu"][0]}
    line("cold page usable", told["open"], "goal: max ≤ 10 s")
    line("  of these in Chromium", told["browsers"])
    print(f"  {sum(told['bytes']) / 1e3 / len(told['open']):.0f} kB of files a seat,", end=" ")
    print(f"{told['cpu'][0]:.1f} s of the server's processor for all")
    seen["step_p95"] = line("steps", told["step"], "goal: p95 ≤ 1 s")
    seen["slide_p95"] = line("slides", told["slide"], "goal: p95 ≤ 1 s")
    line("long boards, in the line", told["waited"])
    seen["sign_p95"] = line("sampling: first sign", told["sign"])
    seen["sample_p95"] = line("sampling: all of it", told["sample"])
    seen["sample_median"] = statistics.median(told["sample"]) if told["sample"] else 0.0
    late = [abs(guess - took) for guess, took in told["guess"] if guess]
    line("  the place's estimate is off by", late)
    weights = told["memory"]
    half = weights[len(weights) // 2]
    print(f"memory {half:.0f} MB after half the time, {weights[-1]:.0f} MB at the end:", end=" ")
    seen["memory_percent"] = 100 * (weights[-1] / half - 1)
    print(f"{seen['memory_percent']:+.1f} % (goal < 5 %)")
    seen |= {"errors": len(told["errors"]), "strangers": None}
    print(f"errors {len(told['errors'])} {told['errors'][:3]}")
    if same:  # another checkout may draw the same numbers otherwise
        wrong = seen["strangers"] = strangers(told["answers"])
        print(f"answers that are another's: {wrong} of {len(told['answers'])}")
    return seen


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Start a hub, seat everybody, print; return the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.seats")
    parser.add_argument("--seats", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--browsers", type=int, default=1)
    parser.add_argument("--tree", type=Path, default=ROOT)
    chosen = parser.parse_args(arguments)
    port = free_port()
    command = [sys.executable, "-m", "apps", "--no-browser", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(chosen.tree)}
    process = subprocess.Popen(command, cwd=chosen.tree, env=environment)
    try:
        url, server = f"http://127.0.0.1:{port}", psutil.Process(process.pid)
        wait_for_rest(server)
        print(f"{chosen.seats} seats, {chosen.minutes:g} minutes, {os.cpu_count()} cores")
        seen = report(asyncio.run(seat_all(url, chosen, server)), chosen.tree == ROOT)
        return {"seats": chosen.seats, "cores": os.cpu_count(), **seen}
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
