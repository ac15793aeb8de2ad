"""`python -m apps` starts the hub, `python -m apps rnn` one tab alone."""

from __future__ import annotations

import argparse
import os
import re
import socket
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from apps import TABS, stopping
from apps.rehearsal import options
from core import terminal

PACKAGES = {  # of requirements.txt -> the module that is imported
    "gradio": "gradio",
    "torch": "torch",
    "huggingface-hub": "huggingface_hub",
    "safetensors": "safetensors",
    "numpy": "numpy",
    "scipy": "scipy",
    "cma": "cma",
    "matplotlib": "matplotlib",
    "pillow": "PIL",
    "brotli": "brotli",
    "lazy-loader": "lazy_loader",
    "cachetools": "cachetools",
    "pygments": "pygments",
}
if sys.version_info < (3, 11):
    PACKAGES["tomli"] = "tomli"


ORIGIN = r"https?://(\*\.)?[\w.-]+(:(\d+|\*))?"  # as a browser names where a page is from


class Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line."""

    def error(self, message: str) -> NoReturn:
        """Print one line and leave with status 2."""
        self.exit(2, f"apps: {message} (see --help)\n")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the command line's choices; the environment's GRADIO_SERVER_NAME and _PORT are the
    defaults.
    """
    host = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
    parser = Parser(prog="python -m apps", description="Generative Models, Step by Step")
    parser.add_argument("tab", nargs="*", help="one tab alone; without it the hub")
    parser.add_argument("--lang", choices=("ko", "en"), help="language; without it the browser's")
    parser.add_argument("--host", default=host, help=f"address to listen on ({host})")
    parser.add_argument("--port", type=int, help="port to listen on (7860)")
    parser.add_argument(
        "--root-path", metavar="/PATH", help="path under which a proxy serves the hub"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.add_argument("--present", action="store_true", help="start in presenting mode")
    parser.add_argument("--weights-repo", metavar="OWNER/NAME", help="Hub repository of weights")
    parser.add_argument("--mcp", action="store_true", help="offer the API as MCP tools too")
    parser.add_argument(
        "--allow-framing", metavar="ORIGIN", nargs="+", default=[],
        help="let pages of these addresses (https://wiki.example.org) show ours in a frame",
    )  # fmt: skip
    parser.add_argument(
        "--export", metavar="FOLDER", help="write the tabs, or all, as a site without a server"
    )
    options.add_arguments(parser)
    chosen = parser.parse_args(arguments)
    for name in chosen.tab:
        if name not in TABS:
            parser.error(f"argument tab: {name!r} is no tab; there are {', '.join(TABS)}")
    if chosen.export:
        return chosen
    if len(chosen.tab) > 1:
        parser.error(f"argument tab: one at a time, not {', '.join(chosen.tab)}")
    chosen.tab = chosen.tab[0] if chosen.tab else None
    if chosen.rehearse is not None:
        chosen.tabs = options.tabs_of(chosen, parser)
        return chosen
    if chosen.port is None:
        text = os.environ.get("GRADIO_SERVER_PORT", "7860")
        chosen.port = (
            int(text)
            if text.isdigit()
            else parser.error(f"GRADIO_SERVER_PORT: {text!r} is no port")
        )
    if chosen.weights_repo:
        from core.weights import download

        if not download.is_repo_name(chosen.weights_repo.partition("@")[0]):
            parser.error(f"argument --weights-repo: {chosen.weights_repo!r} is not owner/name")
        os.environ[download.VARIABLE] = chosen.weights_repo
    if chosen.root_path and not re.fullmatch(r"(/[\w.~-]+)+", chosen.root_path):
        parser.error(f"argument --root-path: {chosen.root_path!r} is no path like /lessons")
    for origin in chosen.allow_framing:
        if not re.fullmatch(ORIGIN, origin):
            parser.error(f"argument --allow-framing: {origin!r} is no address like https://x.org")
    if not 1 <= chosen.port <= 65535:
        parser.error(f"argument --port: {chosen.port} is not from 1 to 65535")
    chosen.host = chosen.host.strip("[]")  # as an address has an IPv6 host
    try:
        with socket.socket(socket.AF_INET6 if ":" in chosen.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((chosen.host, chosen.port))
    except OSError as error:
        parser.error(
            f"cannot listen on {chosen.host}:{chosen.port}: {error.strerror};"
            f" try --port {chosen.port + 1}"
        )
    return chosen


def missing_packages() -> list[str]:
    """Return which packages of requirements.txt a start needs and does not find."""
    return [name for name, module in PACKAGES.items() if find_spec(module) is None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the hub, a tab or a rehearsal by the command line and run until stopped."""
    terminal.settle()
    chosen = parse(arguments)
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    lacking = missing_packages()
    if lacking:
        print(
            f"apps: missing packages: {', '.join(lacking)};"
            " install them with `python -m pip install -r requirements.txt -c constraints.txt`",
            file=sys.stderr,
        )
        return 2
    if chosen.rehearse is not None:
        from apps.rehearsal import run

        return run.rehearse(chosen, chosen.tabs)
    if chosen.export:
        from apps.export import site

        site.write(Path(chosen.export), chosen.tab or TABS, chosen.lang)
        return 0
    stopping.end_at_once()
    from apps import hub  # after the arguments are known to be right: Gradio takes seconds
    from apps.lessons.shared import sampling
    from apps.stage.server import serve

    demo = hub.build(chosen.tab, lang=chosen.lang, present=chosen.present)
    sampling.place()
    over = stopping.watch_signals()
    url = serve.launch(
        demo,
        chosen.host,
        chosen.port,
        chosen.allow_framing,
        inbrowser=not chosen.no_browser,
        mcp_server=chosen.mcp,
        root_path=chosen.root_path,
    )
    print(f"{url.rstrip('/')}  (Ctrl-C stops)", flush=True)
    serve.in_background(lambda: hub.warm_up(chosen.tab))
    over.wait()
    demo.close(verbose=False)
    stopping.end()


if __name__ == "__main__":
    stopping.end(main())
