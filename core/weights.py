"""Trained models, checked and ready: `load(name)`."""

from __future__ import annotations

from core.cards import WEIGHT_RULES, Card, WeightError, cards, save, write_card

__all__ = ["WEIGHT_RULES", "Card", "WeightError", "cards", "save", "write_card"]
