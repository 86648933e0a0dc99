"""A test notices, or a text explains, every small change to the critical code."""
