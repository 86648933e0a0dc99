"""Roles match the recorded calls; no action can be removed."""
