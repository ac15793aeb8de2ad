"""Start app.py as a Space does, in a clean folder and a fresh environment of each Python.

    python -m tests.bench.space 3.10 3.11 3.12

What `weights.publish --space` would send is copied; pip installs requirements.txt without our
constraints, which a Space does not read, and beside it `spaces`, as on every Gradio Space; app.py
is started with the environment that a Space sets. Every page must come, and every tab answer a
call of its API. Goal: the home page within 60 s.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apps import TABS
from tests.conftest import ROOT, free_port
from weights.publish import space_files

SPACE = {
    "SYSTEM": "spaces",
    "SPACE_ID": "owner/name",
    "SPACE_HOST": "owner-name.hf.space",
    "GRADIO_SERVER_NAME": "0.0.0.0",
    "GRADIO_THEME": "huggingface",
    "GRADIO_ANALYTICS_ENABLED": "False",
}
# What Python 3.12 says when a loop of Gradio is collected beside `spaces`; nothing hangs on it.
NOISE = "Exception ignored in: <function BaseEventLoop.__del__"
# Run by the fresh Python: one cheap call a tab, by the client that came with this Gradio.
CALLS = """
import sys
from gradio_client import Client
client = Client(sys.argv[1], verbose=False)
blank = [[0.0] * 28 for _ in range(28)]
cell = {"W": [[0.1]], "U": [[0.2]], "V": [[0.3], [0.4]]}
pattern = [1, -1, -1, 1]
for name, given in {
    "rnn_forward": ("rnn", cell, [[1.0]], None),
    "hopfield_recall": ([pattern], pattern),
    "vae_encode": (blank,),
    "gan_sample": ("dcgan-mnist", 1, 3),
    "flow_sample": ("flow-mnist", 1, 3),
    "ebm_energy": (blank,),
    "date_translate": ("3 May 2024",),
    "ddpm_sample": (1, 3),
    "compare_sample": ("vae-mnist", 1, 3),
}.items():
    client.predict(*given, api_name="/" + name)
    print(name, flush=True)
"""


def environment(extra: dict[str, str]) -> dict[str, str]:
    """Return this process's environment without what points into our own checkout."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, **extra, "PYTHONUNBUFFERED": "1"}


def interpreter(version: str) -> str:
    """Return a Python of this version: on the PATH, else pyenv's."""
    named = shutil.which(f"python{version}")
    if named and not subprocess.run([named, "--version"], capture_output=True).returncode:
        return named
    base = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(base.glob(f"{version}.*/bin/python"))
    if not found:
        raise SystemExit(f"space: no Python {version} here")
    return str(found[-1])


def copy(folder: Path) -> int:
    """Put what a Space would hold into `folder` and return how many files that is."""
    files = space_files(ROOT)
    for name, path in files.items():
        assert isinstance(path, Path)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)
    return len(files)


def ready(process: subprocess.Popen, url: str, log: Path) -> float:
    """Return the seconds until the home page comes."""
    began = time.perf_counter()
    while time.perf_counter() - began < 300:
        if process.poll() is not None:
            raise RuntimeError(f"app.py ended: {log.read_text()}")
        try:
            urllib.request.urlopen(url, timeout=10).read()
            return time.perf_counter() - began
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"app.py did not answer within five minutes: {log.read_text()}")


def everywhere(port: int) -> bool:
    """Say whether the server answers on another address of this machine, as a proxy asks."""
    with socket.socket() as probe:
        probe.settimeout(10)
        return not probe.connect_ex(("127.0.0.2", port))


def start_and_ask(python: Path, folder: Path) -> dict[str, Any]:
    """Start app.py, ask for every page and a call a tab; return what was seen."""
    port, log = free_port(), folder.parent / "log"
    env = environment({**SPACE, "GRADIO_SERVER_PORT": str(port)})
    with log.open("w") as out:
        process = subprocess.Popen(
            [python, "app.py"], cwd=folder, env=env, stdout=out, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"
    try:
        seconds = ready(process, url, log)
        for tab in TABS:
            page = urllib.request.urlopen(f"{url}/{tab}", timeout=60).read().decode()
            assert "/joined.css" in page, f"/{tab} is no page of ours"
        asked = [str(python), "-c", CALLS, url]
        calls = subprocess.run(asked, cwd=folder, env=env, capture_output=True, text=True)
        said = log.read_text()
        assert calls.returncode == 0, (calls.returncode, calls.stdout, calls.stderr, said)
        assert said.count("Traceback") == said.count(NOISE), said
        assert everywhere(port), f"it does not listen on every address: {said}"
    finally:
        process.terminate()
        process.wait(timeout=30)
    return {"home": seconds, "pages": len(TABS), "calls": len(calls.stdout.split())}


def try_out(version: str) -> dict[str, Any]:
    """Print one line, what this Python installed and how app.py started, and return it."""
    with tempfile.TemporaryDirectory() as place:
        folder, venv = Path(place) / "space", Path(place) / "venv"
        files = copy(folder)
        python = venv / "bin/python"
        subprocess.run([interpreter(version), "-m", "venv", venv], check=True)
        began = time.perf_counter()
        install = [
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "-r",
            folder / "requirements.txt",
            "spaces",
        ]
        done = subprocess.run(install, env=environment({}), capture_output=True, text=True)
        assert not done.returncode, done.stderr
        took = time.perf_counter() - began
        frozen = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True)
        have = dict(re.findall(r"^(torch|gradio|numpy|spaces)==(\S+)", frozen.stdout, re.MULTILINE))
        seen = start_and_ask(python, folder)
    told = ", ".join(f"{name} {number}" for name, number in have.items())
    print(
        f"Python {version}: {files} files, {told} in {took:.0f} s; home after {seen['home']:.1f} s,"
        f" {seen['pages']} pages, {seen['calls']} calls answered",
        flush=True,
    )
    return {"installed": have, **seen}


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Try the Pythons out one after the other: an environment with torch is large."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.space")
    parser.add_argument("versions", nargs="*", default=["3.10", "3.11", "3.12"])
    return {version: try_out(version) for version in parser.parse_args(arguments).versions}


if __name__ == "__main__":
    main()
