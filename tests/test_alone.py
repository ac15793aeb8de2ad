"""Each tab by itself: as a module, as a file that Gradio reloads, as a `demo` to import."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from apps import TABS
from tests.conftest import ROOT, WAIT, free_port

GRADIO = Path(sys.executable).with_name("gradio")


@pytest.mark.parametrize(
    "command",
    [[sys.executable, "-m", "apps.rnn"], [str(GRADIO), "apps/rnn.py"]],
    ids=["python -m apps.rnn", "gradio apps/rnn.py"],
)
def test_a_tab_runs_by_itself(command, tmp_path):
    port = free_port()
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    url, page = f"http://127.0.0.1:{port}", ""
    with (tmp_path / "log").open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Gradio's command starts the tab in a process of its own
        )
    try:
        for _ in range(1200):
            assert process.poll() is None, (tmp_path / "log").read_text()
            try:
                page = urllib.request.urlopen(url, timeout=WAIT).read().decode()
                break
            except OSError:
                time.sleep(0.1)  # until it listens
        assert "rnn_forward" in page and "hopfield_recall" not in page
        script = re.search(r"stage/\w+/joined\.js", page)
        assert script and urllib.request.urlopen(f"{url}/{script[0]}", timeout=WAIT).status == 200
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=WAIT)
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_every_tab_has_a_demo_that_is_built_when_it_is_asked_for():
    code = f"""
import importlib, json, sys
tabs = {{name: importlib.import_module("apps." + name) for name in {TABS}}}
before = [name for name, tab in tabs.items() if "demo" in vars(tab)]
names = {{name: [fn.api_name for fn in tab.demo.fns.values()] for name, tab in tabs.items()}}
wanted = {{name: [f.__name__ for f in tab.TAB.endpoints] for name, tab in tabs.items()}}
heavy = [name for name in ("torch", "matplotlib") if name in sys.modules]
print(json.dumps([before, names == wanted, heavy, hasattr(tabs["rnn"], "nothing")]))
"""
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert out.stdout, out.stderr
    assert json.loads(out.stdout) == [[], True, [], False]
