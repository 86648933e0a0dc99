"""Parsers survive any input."""
