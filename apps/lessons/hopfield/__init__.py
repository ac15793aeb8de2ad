"""The Hopfield network lesson."""
