"""The RNN lesson."""
