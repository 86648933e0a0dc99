"""The cache of validations: on real servers that fail, and in every order of ends and validations."""
