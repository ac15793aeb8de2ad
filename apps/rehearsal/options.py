"""A rehearsal's command-line options, checked before the slow import of Gradio."""

from __future__ import annotations

import argparse
import urllib.request
from pathlib import Path

from apps import TABS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a rehearsal to the command line."""
    group = parser.add_argument_group("rehearsal")
    group.add_argument(
        "--rehearse",
        nargs="?",
        const="all",
        metavar="TAB,TAB",
        help="go through every scene, report what is slow or broken, leave a handout",
    )
    group.add_argument("--out", default="build/rehearsal", help="folder of the handout and report")
    group.add_argument("--url", help="rehearse the hub that runs there; without it one is started")
    group.add_argument("--slow-ms", type=float, default=1000, help="what counts as slow (1000)")


def tabs_of(chosen: argparse.Namespace, parser: argparse.ArgumentParser) -> list[str]:
    """Return the tabs to go through, and see that the rest of the command line can be used."""
    asked = chosen.tab if chosen.tab and chosen.rehearse == "all" else chosen.rehearse
    tabs = list(TABS) if asked == "all" else [name.strip() for name in asked.split(",")]
    for name in tabs:
        if name not in TABS:
            parser.error(f"argument --rehearse: {name!r} is no tab; there are {', '.join(TABS)}")
    if not chosen.slow_ms > 0:
        parser.error(f"argument --slow-ms: {chosen.slow_ms:g} is not over 0")
    if chosen.url and not chosen.url.startswith(("http://", "https://")):
        parser.error(f"argument --url: {chosen.url!r} is no http address")
    try:
        Path(chosen.out).mkdir(parents=True, exist_ok=True)
        (Path(chosen.out) / ".try").write_bytes(b"")
        (Path(chosen.out) / ".try").unlink()
        if chosen.url:
            urllib.request.urlopen(chosen.url, timeout=10).close()
    except OSError as error:
        where = f"--url {chosen.url}" if Path(chosen.out).is_dir() and chosen.url else "--out"
        parser.error(f"argument {where}: {getattr(error, 'strerror', None) or error}")
    return list(dict.fromkeys(tabs))
