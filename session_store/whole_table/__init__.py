"""Going through a whole table under a rate: for operators' commands. No function of a service does so, or may."""
