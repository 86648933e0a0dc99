"""Tests of the HTTP side, through the functions' handlers."""
