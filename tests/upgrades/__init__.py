"""This commit, deployed over an earlier one, keeps every session."""
