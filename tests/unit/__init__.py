"""Single rules."""
