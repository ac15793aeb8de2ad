"""The normalizing flow lesson."""
