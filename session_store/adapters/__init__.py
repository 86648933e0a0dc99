"""What carries requests to the kernel and its answers back: one package or file per kind of application."""
