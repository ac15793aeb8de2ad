"""The server half of a lesson: boards, caches, the line of long work, assets, words."""
