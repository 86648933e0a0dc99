"""Generates documents from the code. Not part of the wheel."""
