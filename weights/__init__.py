"""Trained files, their cards, the recipes that train them, and publishing on the Hub."""
