"""One hostile visitor and another one: how long the other waits meanwhile, and what memory grows.

    python -m tests.bench.hostile [--seconds 15] [--only openings,…] [--tree FOLDER]

Goal: the second visitor's p95 ≤ 0.5 s under each attack, and what memory grew given back.

A hub of its own is attacked from a process of its own by one attack after the other, each made of
requests that once stopped or filled the server. Meanwhile this process asks, as a second visitor
does, for a scene's board, for a board that nobody asked for before, and for an endpoint. The floor
is the same in idleness. All share the machine: what is printed is an upper bound.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil

from core.models.rnn.presets import slide
from tests.bench.seats import wait_for_rest
from tests.conftest import ROOT, free_port
from tests.tab_case import TabCase

API = "/gradio_api"
GOAL = 0.5  # seconds
NETS = {"g_width": 64, "g_depth": 4, "d_width": 64, "d_depth": 4, "d_steps": 10}  # the largest
Request = tuple[str, dict[str, Any]]  # path and body


class Asker:
    """What one visitor needs to ask: the tabs' components, and numbers that nobody had before."""

    def __init__(self, url: str):
        self.url, self.random = url, random.Random(os.getpid())
        tabs = ("rnn", "gan", "ddpm", "ebm")
        self.parts = {tab: self.component(tab) for tab in tabs}
        self.cases = {tab: TabCase(tab) for tab in tabs}

    def component(self, tab: str) -> int:
        """Return the number of a page's component."""
        page = httpx.get(f"{self.url}/{tab}", timeout=60).raise_for_status().text
        found = re.search(r"gradio_config = (\{.*?\});</script>", page, re.DOTALL)
        assert found, "no page of Gradio's"
        parts = json.loads(found[1])["components"]
        return next(c["id"] for c in parts if c["props"].get("elem_id") == "page")

    def seed(self) -> int:
        """Return a seed that is new."""
        return self.random.randrange(2**31)

    def ask(self, tab: str, function: str, data: dict[str, Any]) -> Request:
        """Return a request to a page's function."""
        body = {"session_hash": f"s{self.seed()}", "component_id": self.parts[tab]}
        return f"{API}/component_server", {**body, "fn_name": function, "data": data}

    def preset(self, tab: str, view: str) -> dict[str, Any]:
        """Return a scene's inputs."""
        return dict(self.cases[tab].scene(view)["inputs"])

    def opening(self, steps: int) -> Request:
        """Ask for a run of the largest nets, trained for some steps before it is shown."""
        inputs = {**self.preset("gan", "plane"), **NETS, "opening": [0, steps], "seed": self.seed()}
        return self.ask("gan", "board", {"view": "plane", "inputs": inputs})

    def run(self) -> Request:
        """Go on with a run; its state is made once."""
        if not hasattr(self, "state"):
            board = self.cases["gan"].asked("plane", opening=[0])
            self.state = board["frames"][-1]["state"]
        inputs = {**self.preset("gan", "plane"), "speed": 100}
        told = {"view": "plane", "inputs": inputs, "state": self.state, "act": "both"}
        return self.ask("gan", "live", told)

    def vast_call(self) -> Request:
        """Send an endpoint a list of nearly two million rows."""
        data = ["rnn", slide()["params"], [[1, 0]] * 1_300_000, None]
        return f"{API}/run/rnn_forward", {"data": data}

    def vast_board(self) -> Request:
        """Send the board's function the same, under an input's name."""
        inputs = {**self.preset("rnn", "step"), "xs": [[1, 0]] * 1_300_000}
        return self.ask("rnn", "board", {"view": "step", "inputs": inputs})

    def vast_take(self) -> Request:
        """Send the one function that takes long bodies a run of a million numbers."""
        run = [{"view": {"w": "heat", "rows": [[0] * 1000] * 1500, "span": 1, "size": 90}}]
        told = {"view": "slide", "inputs": {}, "kind": "csv", "run": run}
        return self.ask("rnn", "take", told)

    def brackets(self) -> Request:
        """Send a long body that ends more lists than it begins."""
        return self.ask("rnn", "take", {"view": "]" * 7_900_000})

    def poster(self) -> Request:
        """Take a figure of a view of one's own, four thousand points wide."""
        heat = {"w": "heat", "rows": [[self.random.random()]], "span": 1.0, "size": 4000}
        heat |= {"xlabel": "", "ylabel": "", "mark": None}
        told = {"view": "slide", "inputs": {}, "kind": "png", "run": [{"view": heat}]}
        return self.ask("rnn", "take", told)

    def film(self) -> Request:
        """Take the longest animation."""
        inputs = {**self.preset("ebm", "three"), "seed": self.seed() % 100}
        return self.ask("ebm", "take", {"view": "three", "inputs": inputs, "kind": "gif"})

    def refusals(self) -> Request:
        """Ask for a long board with an input that is refused."""
        inputs = {**self.preset("ddpm", "reverse"), "steps": -1}
        return self.ask("ddpm", "board", {"view": "reverse", "inputs": inputs, "ticket": "x"})

    def unfetched(self) -> Request:
        """Call an endpoint and never fetch what it answers."""
        rows = [[self.random.random()] * 4 for _ in range(8)]
        return f"{API}/call/attention_step", {"data": [rows, rows, rows, None]}


ATTACKS: dict[str, tuple[int, Callable[[Asker], Request]]] = {  # name -> how many at once, what
    "openings": (45, lambda a: a.opening(120)),
    "short openings": (60, lambda a: a.opening(25)),
    "vast calls": (2, Asker.vast_call),
    "vast boards": (2, Asker.vast_board),
    "vast takes": (2, Asker.vast_take),
    "vast brackets": (2, Asker.brackets),
    "posters": (8, Asker.poster),
    "films": (8, Asker.film),
    "runs": (60, Asker.run),
    "refusals": (20, Asker.refusals),
    "unfetched": (10, Asker.unfetched),
}


def attack(url: str, name: str, seconds: float, told: Any) -> None:
    """Keep as many requests in flight as the attack has, for a while; tell how many were answered
    with what.
    """
    count, make = ATTACKS[name]
    asker = Asker(url)
    began = make(asker)
    ready = json.dumps(began[1]) if "vast" in name else ""  # made once: it takes seconds
    told.put("ready")

    async def one(client: httpx.AsyncClient, until: float, seen: dict[str, int]) -> None:
        while time.monotonic() < until:
            path, body = make(asker) if not ready else began
            try:
                text = ready or json.dumps(body)
                head = {"content-type": "application/json"}
                reply = await client.post(path, content=text, headers=head)
                said = str(reply.status_code)
            except httpx.HTTPError as error:
                said = type(error).__name__
            seen[said] = seen.get(said, 0) + 1

    async def all_of_them() -> None:
        until, seen = time.monotonic() + seconds, {}
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=url, timeout=seconds, limits=limits) as client:
            await asyncio.wait(
                [asyncio.create_task(one(client, until, seen)) for _ in range(count)],
                timeout=seconds,
            )
        told.put(seen)

    asyncio.run(all_of_them())


def visit(client: httpx.Client, asker: Asker, until: float) -> list[float]:
    """Ask for small things in turn until a moment; return the seconds that each took."""
    kept = {"view": "step", "inputs": asker.preset("rnn", "step"), "ticket": "second"}
    case = slide()
    taken = []
    while time.monotonic() < until:
        seed = {"seed": asker.seed() % 10**6, "preset": "random"}
        new = {**kept, "inputs": {**kept["inputs"], **seed}}
        call = (f"{API}/run/rnn_forward", {"data": ["rnn", case["params"], case["xs"], None]})
        for path, body in (asker.ask("rnn", "board", kept), asker.ask("rnn", "board", new), call):
            began = time.perf_counter()
            try:
                reply = client.post(path, json=body)
            except httpx.TimeoutException:
                return [*taken, time.perf_counter() - began]
            taken.append(time.perf_counter() - began)
            assert reply.status_code == 200 and '"error' not in reply.text, reply.text[:300]
        time.sleep(0.05)  # a person has a look
    return taken


def measure(url: str, name: str, seconds: float, server: psutil.Process) -> dict[str, Any]:
    """Print and return the second visitor's seconds under one attack ("" for none)."""
    before = server.memory_info().rss / 1e6
    told: Any = multiprocessing.get_context("spawn").Queue()
    seen: Any = {}
    asker = Asker(url)
    attacker = multiprocessing.get_context("spawn").Process(
        target=attack, args=(url, name, seconds, told)
    )
    if name:
        attacker.start()
        told.get()
    with httpx.Client(base_url=url, timeout=60) as client:
        taken = visit(client, asker, time.monotonic() + seconds)
    if name:
        seen = told.get()
        attacker.join()
    wait_for_rest(server)
    grew = server.memory_info().rss / 1e6 - before
    p95 = statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]
    print(
        f"{name or 'idle (the floor)':18} n {len(taken):4}  p50 {statistics.median(taken):6.3f} s"
        f"  p95 {p95:6.3f} s  max {max(taken):7.3f} s  memory {grew:+6.0f} MB  {seen}",
        flush=True,
    )
    return {"p95": p95, "max": max(taken), "grew": grew}


def wait_until_answered(url: str) -> None:
    """Wait until a hub that starts answers."""
    for _ in range(300):
        try:
            httpx.get(url, timeout=60).raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.5)
    raise RuntimeError("the hub does not answer")


def main(arguments: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
    """Start a hub, attack it, print; return the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hostile")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--only", default=",".join(ATTACKS), help="attacks, with commas")
    parser.add_argument("--tree", type=Path, default=ROOT, help="another checkout to measure")
    chosen = parser.parse_args(arguments)
    port = free_port()
    command = [sys.executable, "-m", "apps", "--no-browser", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(chosen.tree)}
    process = subprocess.Popen(command, cwd=chosen.tree, env=environment, stderr=subprocess.DEVNULL)
    try:
        url, server = f"http://127.0.0.1:{port}", psutil.Process(process.pid)
        wait_until_answered(url)
        wait_for_rest(server)
        print(f"{os.cpu_count()} cores, {server.memory_info().rss / 1e6:.0f} MB at rest")
        names = ["", *chosen.only.split(",")]
        return {name: measure(url, name, chosen.seconds, server) for name in names}
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
