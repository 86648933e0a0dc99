"""`SessionStore` on each engine: provoked lost replies, races and faults; costs."""
