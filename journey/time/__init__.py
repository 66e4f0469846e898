"""Local times, business calendars and deadlines. Every question takes the moment it is about as an argument."""
