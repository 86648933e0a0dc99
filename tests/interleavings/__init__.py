"""No order of the steps of two or three operations breaks a promise."""
