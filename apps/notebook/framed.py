"""A scene of the hub in a notebook's frame; the hub is started if none is named."""

from __future__ import annotations

import atexit
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from apps import TABS
from apps.stage.server.words import LANGUAGES
from core.inputs import boolean, choice, integer

WAIT = 120  # seconds until a hub has started
NOTEBOOKS = ("http://localhost:*", "http://127.0.0.1:*")  # where Jupyter's pages are from
ROOT = Path(__file__).parents[2]
_started: list[str] = []  # the address of the hub that this process started


class Frame:
    """A page in a notebook's frame.

    Attributes:
        address: of the page.
        height: of the frame in pixels.
    """

    def __init__(self, address: str, height: int):
        self.address, self.height = address, height

    def _repr_html_(self) -> str:
        source = self.address.replace("&", "&amp;")
        size = f'width="100%" height="{self.height}" style="border: 0"'
        return f'<iframe src="{source}" {size}></iframe>'


def show(
    tab: str,
    scene: int = 1,
    *,
    lang: str = "ko",
    controls: bool = False,
    height: int = 560,
    hub: str | None = None,
) -> Any:
    """Show a scene in the notebook's output.

    Args:
        tab: "rnn" and so on, see `apps.TABS`.
        scene: from 1.
        lang: "ko" or "en".
        controls: whether to show the whole page; else claim, stage and transport alone.
        height: of the frame in pixels.
        hub: address of a hub that runs; None starts one on this machine, once.

    Returns:
        What the notebook draws; in Colab, which draws it by itself, nothing.

    Raises:
        InputError: a tab, a scene or a height that is refused, in one sentence.
        RuntimeError: no hub started.
    """
    query: dict[str, Any] = {
        "scene": integer("scene", scene, 1, 99),
        "lang": choice("lang", lang, LANGUAGES),
    }
    query |= {} if boolean("controls", controls) else {"embed": 1}
    path = f"/{choice('tab', tab, tuple(TABS))}?{urlencode(query)}"
    tall = integer("height", height, 200, 4000)
    address = (hub or start()).rstrip("/")
    if hub is None and "google.colab" in sys.modules:  # its machine is not the reader's
        colab: Any = sys.modules["google.colab"]
        colab.output.serve_kernel_port_as_iframe(int(address.rsplit(":", 1)[1]), path, height=tall)
        return None
    return Frame(address + path, tall)


def start() -> str:
    """Start a hub on this machine, once a process, and return its address."""
    if _started:
        return _started[0]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "apps", "--no-browser", "--port", str(port)]
    command += ["--allow-framing", *NOTEBOOKS]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    atexit.register(process.terminate)
    end = time.monotonic() + WAIT
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
            continue
        _started.append(address)
        return address
    process.terminate()
    raise RuntimeError(f"the hub did not start: {' '.join(command)}")
