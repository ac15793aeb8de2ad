"""Load trained models by name, and read their cards: files, data, training, measurements."""

from core.weights.card import Card, cards, save, write_card
from core.weights.download import Patience
from core.weights.errors import WEIGHT_RULES, WeightError
from core.weights.loading import forget, load

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
