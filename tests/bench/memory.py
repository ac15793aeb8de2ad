"""Ten thousand requests of the worst mix: what memory grows by, and what is left on the disk.

    python -m tests.bench.memory [--requests 10000]

Goals: at the end under 1.5 times the memory of the start; nothing left in temporary folders.

The mix is what each once cost megabytes that were kept: boards with a new seed and a long drawing,
inputs that nobody declared, sessions and calls that nobody fetches, names of the host, figures of
views that were sent, files to take away, requests that are refused.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import psutil

from core.models.rnn.presets import slide
from tests.bench.hostile import API, Asker, Request, wait_until_answered
from tests.bench.seats import wait_for_rest
from tests.conftest import ROOT, free_port

AT_ONCE = 6
GOAL = 1.5


def new_board(asker: Asker) -> Request:
    """Ask for a board of a new seed."""
    tab, view = asker.random.choice([("rnn", "gradients"), ("rnn", "step"), ("gan", "step")])
    inputs = {**asker.preset(tab, view), "seed": asker.seed()}
    return asker.ask(tab, "board", {"view": view, "inputs": inputs})


def drawing(asker: Asker) -> Request:
    """Ask for a run that learns four hundred new points."""
    points = [[asker.random.uniform(-3, 3), asker.random.uniform(-3, 3)] for _ in range(400)]
    inputs = {**asker.preset("gan", "plane"), "target": "drawn", "drawn": points, "opening": [0]}
    return asker.ask("gan", "board", {"view": "plane", "inputs": inputs})


def junk(asker: Asker) -> Request:
    """Ask with an input that nobody declared."""
    inputs = {**asker.preset("rnn", "slide"), f"junk{asker.seed()}": "x" * 50_000}
    return asker.ask("rnn", "board", {"view": "slide", "inputs": inputs})


def long_name(asker: Asker) -> Request:
    """Ask under a session's name of fifty thousand letters."""
    path, body = new_board(asker)
    return path, {**body, "session_hash": "x" * 50_000 + str(asker.seed())}


def refused_call(asker: Asker) -> Request:
    """Call an endpoint with a large argument of a new session, in vain."""
    data = ["rnn", slide()["params"], [[asker.random.random()] * 3] * 2000, None]
    return f"{API}/run/rnn_forward", {"data": data, "session_hash": f"s{asker.seed()}"}


def called(asker: Asker) -> Request:
    """Call an endpoint of a new session."""
    case = slide()
    data = ["rnn", case["params"], case["xs"], None]
    return f"{API}/run/rnn_forward", {"data": data, "session_hash": f"s{asker.seed()}"}


def text(asker: Asker) -> Request:
    """Translate a long text."""
    return f"{API}/run/date_translate", {"data": ["2026-01-01 " * 4000 + str(asker.seed())]}


def sheet(asker: Asker) -> Request:
    """Take the numbers of a board of a new seed."""
    inputs = {**asker.preset("rnn", "step"), "seed": asker.seed(), "preset": "random"}
    kind = asker.random.choice(["csv", "json", "svg"])
    return asker.ask("rnn", "take", {"view": "step", "inputs": inputs, "kind": kind})


MIX: dict[str, tuple[int, Callable[[Asker], Request]]] = {  # name -> weight, what
    "new boards": (30, new_board),
    "drawings": (5, drawing),
    "junk": (10, junk),
    "long names": (10, long_name),
    "refused calls": (10, refused_call),
    "calls": (10, called),
    "unfetched": (10, Asker.unfetched),
    "texts": (5, text),
    "sheets": (4, sheet),
    "posters": (5, Asker.poster),
    "pages": (1, lambda a: (f"/rnn?host{a.seed()}", {})),
}


async def send(url: str, asker: Asker, count: int, server: psutil.Process) -> Counter[str]:
    """Send the mix; return how many requests got which status."""
    came: Counter[str] = Counter()
    left = iter(range(count))
    names, weights = list(MIX), [weight for weight, _ in MIX.values()]

    async def one(client: httpx.AsyncClient) -> None:
        for k in left:
            name = asker.random.choices(names, weights)[0]
            path, body = MIX[name][1](asker)
            if body:
                reply = await client.post(path, json=body)
            else:
                reply = await client.get(path, headers={"host": f"name{asker.seed()}.room"})
            came[f"{name} {reply.status_code}"] += 1
            if k % 1000 == 0:
                print(f"  {k:6}: {server.memory_info().rss / 1e6:.0f} MB", flush=True)

    async with httpx.AsyncClient(base_url=url, timeout=600) as client:
        await asyncio.gather(*(one(client) for _ in range(AT_ONCE)))
    return came


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Start a hub with a temporary folder of its own, send, print; return the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--tree", type=Path, default=ROOT, help="another checkout to measure")
    chosen = parser.parse_args(arguments)
    port, folder = free_port(), Path(tempfile.mkdtemp())
    command = [sys.executable, "-m", "apps", "--no-browser", "--port", str(port)]
    own = {"TMPDIR": str(folder), "GRADIO_TEMP_DIR": str(folder / "gradio")}
    environment = {**os.environ, **own, "PYTHONPATH": str(chosen.tree)}
    with (folder.parent / f"{folder.name}.log").open("w") as log:
        process = subprocess.Popen(command, cwd=chosen.tree, env=environment, stderr=log)
    try:
        url, server = f"http://127.0.0.1:{port}", psutil.Process(process.pid)
        wait_until_answered(url)
        wait_for_rest(server)
        asker = Asker(url)
        asyncio.run(send(url, asker, 11 * AT_ONCE, server))  # what is imported once, is
        wait_for_rest(server)
        before = server.memory_info().rss / 1e6
        came = asyncio.run(send(url, asker, chosen.requests, server))
        wait_for_rest(server)
        after = server.memory_info().rss / 1e6
    finally:
        process.terminate()
        process.wait()
    left = sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())
    ratio, written = after / before, Path(log.name).stat().st_size
    print(json.dumps(came, indent=1, sort_keys=True))
    print(f"{before:.0f} MB before, {after:.0f} MB after {chosen.requests:,} requests:", end=" ")
    print(f"{ratio:.2f} times (goal < {GOAL}); {written:,} bytes of log")
    print(f"left in temporary folders: {len(left)} files {left[:5]} (goal 0)")
    return {"before": before, "after": after, "ratio": ratio, "left": len(left), "log": written}


if __name__ == "__main__":
    main()
