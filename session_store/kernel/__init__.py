"""The web kernel: a request's session before, in and after an application, however the request was carried."""
