"""Write the cards as Markdown: weights/README.md and the Hub's model card."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.weights.card import Card, Manifest

HEAD = (
    "| card | model | parameters | file | data | trained | measured | licence |",
    "|---|---|---|---|---|---|---|---|",
)


def readme(found: Manifest) -> str:
    """Return weights/README.md."""
    where = (
        f"On the Hub: {found.repo} at {found.revision}." if found.repo else "Not on the Hub yet."
    )
    return (
        "# Weights\n\nMade from manifest.json, which a recipe writes; change neither by hand.\n"
        f"{where} How training went: LOG.md.\n\n{body(found)}"
    )


def body(found: Manifest) -> str:
    """Return a row a card, then how each was made and measured."""
    ordered = [found.cards[name] for name in sorted(found.cards)]
    rows, parts = [row(card) for card in ordered], [section(card) for card in ordered]
    return "".join(f"{line}\n" for line in (*HEAD, *rows)) + "".join(f"\n{p}" for p in parts)


def row(card: Card) -> str:
    """Return a card's line of the table."""
    measured = ", ".join(f"{name} {format_value(m['value'])}" for name, m in card.metrics.items())
    cells = (
        f"`{card.name}`",
        f"`{card.model.removeprefix('core.models.')}`",
        f"{card.parameters:,}",
        f"{card.bytes / 1e6:.3g} MB, {card.dtype}",
        f"{card.dataset['name']} ({card.dataset['licence']})",
        f"{format_value(card.training['minutes'])} min on {card.training['machine']}",
        measured,
        card.licence,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def section(card: Card) -> str:
    """Return how a card was made and measured, as Markdown."""
    made = ", ".join(f"{key} {format_value(value)}" for key, value in card.training.items())
    lines = [
        f"## {card.name}\n",
        f"- file: `{card.file}`, sha256 `{card.sha256}`",
        f"- config: `{json.dumps(card.config)}`",
        f"- recipe: `{card.recipe}` (seed {card.seed}; version {card.version})",
        f"- training: {made}",
        f"- data: {card.dataset['name']}, {card.dataset['licence']}, {card.dataset['source']}",
    ]
    for name, metric in card.metrics.items():
        lines.append(
            f"- {name} = {format_value(metric['value'])}: {metric['how']} `{metric['command']}`"
        )
    return "\n".join(lines) + "\n"


def format_value(value: Any) -> str:
    """Return a number with four digits that count, anything else as it is."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
