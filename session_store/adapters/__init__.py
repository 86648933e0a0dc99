"""Adapters carry requests to the kernel and its responses back: one package or file per kind of application."""
