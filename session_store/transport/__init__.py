"""A transport of our own to DynamoDB for the plain case: JSON over HTTP/1.1, signed, on kept connections."""
