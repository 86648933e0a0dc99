"""Marked tokens and data appear only where they belong."""
