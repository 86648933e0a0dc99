"""The deployed stack over HTTP, with IAM enforced; `make run`."""
