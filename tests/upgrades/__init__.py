"""A new version never costs a session."""
