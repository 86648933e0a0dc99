"""The access patterns' rules, one module per kind of operation; `SessionStore` is their face."""
