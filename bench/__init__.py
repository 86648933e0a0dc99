"""`make bench`: what the store costs, measured beside its baselines and goals in one run."""
