"""The demo's own small parts."""
