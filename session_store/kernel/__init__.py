"""The web kernel: a request's session before, in and after an application, whatever carries the request."""
