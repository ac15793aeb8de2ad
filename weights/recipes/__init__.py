"""Recipes: one script a family; each trains, measures and writes a card. See command.py."""

from core import terminal

terminal.settle()
