"""`python -m apps.home_pictures` draws the home page's pictures anew, `… rnn vae` some of them.

A lesson's `home.picture()` computes its picture with the lesson's own code and nets; what it drew
is shipped as `home.json` beside it, which is what the hub shows. A test compares the two.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

from apps import TABS
from apps.stage.server import home_card
from apps.stage.server.takeaway import bare


def draw(tab: str) -> str:
    """Compute a tab's picture and return it as JSON text."""
    widget = import_module(f"apps.lessons.{tab}.home").picture()
    return json.dumps(bare(widget), ensure_ascii=False, separators=(",", ":")) + "\n"


def main(tabs: list[str]) -> int:
    """Write the pictures of these tabs, or of all."""
    unknown = [tab for tab in tabs if tab not in TABS]
    if unknown:
        print(f"no tab: {', '.join(unknown)} (there are {', '.join(TABS)})", file=sys.stderr)
        return 2
    for tab in tabs or TABS:
        text = draw(tab)
        home_card.file(tab).write_text(text, "utf-8")
        print(f"{home_card.file(tab).relative_to(home_card.APPS.parent)}: {len(text):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
