"""Forged tokens open nothing."""
