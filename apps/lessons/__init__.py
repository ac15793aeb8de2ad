"""The lessons, a folder each: words, scenes, inputs and one file a view."""
