"""Time from process start to the first page, the hub against an empty Gradio app. Goal: ratio ≤
1.15.

Both are started in turn, several times, and the medians compared; each page is fetched as soon as
the server listens.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import urllib.request

from tests.conftest import ROOT, free_port

RUNS = 7
EMPTY = """
import gradio as gr, sys
with gr.Blocks() as demo:
    gr.HTML("empty")
demo.launch(server_port=int(sys.argv[1]), ssr_mode=False, quiet=True)
"""


def first_page(command: list[str], port: int) -> float:
    """Return the seconds until a page has come whole."""
    began = time.perf_counter()
    quiet = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}  # for both alike
    process = subprocess.Popen(
        command, env=quiet, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).read()
                return time.perf_counter() - began
            except OSError:
                time.sleep(0.01)
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Print both medians and their ratio."""
    hub, empty = [], []
    for _ in range(RUNS):
        port = free_port()
        empty.append(first_page([sys.executable, "-c", EMPTY, str(port)], port))
        port = free_port()
        command = [sys.executable, "-m", "apps", "--no-browser", "--port", str(port)]
        hub.append(first_page(command, port))
    ours, theirs = statistics.median(hub), statistics.median(empty)
    print(
        f"start: hub {ours:.2f} s, empty Gradio app {theirs:.2f} s,"
        f" ratio {ours / theirs:.2f} (goal ≤ 1.15)"
    )


if __name__ == "__main__":
    main()
