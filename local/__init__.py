"""The whole system on one machine: set-up, the embedded AWS, its deployment and the sample data."""
