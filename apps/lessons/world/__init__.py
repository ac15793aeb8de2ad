"""The world model lesson: a game that is solved exactly, and what V, M and C learn of it."""
