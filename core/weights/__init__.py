"""Load trained models, and know what is known of them: `load(name)`, and a card a model."""

from core.weights.loading import (
    WEIGHT_RULES,
    Card,
    Patience,
    WeightError,
    cards,
    forget,
    load,
    save,
    write_card,
)

__all__ = [
    "WEIGHT_RULES",
    "Card",
    "Patience",
    "WeightError",
    "cards",
    "forget",
    "load",
    "save",
    "write_card",
]
