"""The comparison of all families."""
