"""Other projects' verifiers accept the issuer's tokens, and refuse the others."""
