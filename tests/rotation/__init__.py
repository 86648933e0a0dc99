"""In simulated time, honest browsers stay signed in and every thief is found."""
