"""Plain data that deployment and run time share: access patterns, functions, routes."""
