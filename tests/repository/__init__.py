"""Documents, examples, imports and exports are right."""
