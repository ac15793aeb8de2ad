"""Load trained models by name, and read their cards: files, data, training, measurements."""

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
