"""Every operation under every fault: a typed error in time, nothing half done."""
