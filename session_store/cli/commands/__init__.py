"""A module for each command, under its name, with the object `command` in it. Each is loaded when it is used."""
