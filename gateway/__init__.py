"""Events in: the HTTP doors, and the router that turns accepted events into deliveries."""
