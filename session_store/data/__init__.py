"""Session data as JSON: checks, pointers, merge patches."""
