"""Templates, grants and bundle."""
