"""The trained files, their cards, the recipes that made them and the way to the Hub."""
