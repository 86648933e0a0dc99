"""Clients that generators make of the OpenAPI documents: their types are checked in the caller, and they are used."""
