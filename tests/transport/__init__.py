"""The transport of our own beside the SDK's: signatures, endpoints, and servers that misbehave."""
