"""The web kernel: what a request's session needs before and after a handler, whatever carries the request."""
