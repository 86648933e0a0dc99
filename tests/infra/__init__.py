"""Template assertions: what the constructs and the environments synthesize to."""
