"""Every function may do to the table what it needs, and nothing else."""
