"""The energy-based model lesson."""
