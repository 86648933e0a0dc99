"""The table: rows, keys, conditions, and the only modules of the store that call AWS."""
