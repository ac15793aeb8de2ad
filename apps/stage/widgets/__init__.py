"""Typed constructors of the widgets' JSON."""
