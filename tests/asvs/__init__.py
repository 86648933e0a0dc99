"""Requirements of ASVS."""
