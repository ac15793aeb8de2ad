"""Recipes: one script a family; each trains, measures and writes a card. See command.py."""
