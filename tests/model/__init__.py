"""The store agrees with a simple model at every step."""
