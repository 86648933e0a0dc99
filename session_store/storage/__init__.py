"""The table: rows, keys, conditions, and the only modules that call AWS."""
