"""`session-store watch`: what the functions on a table do, as their logs say it."""
