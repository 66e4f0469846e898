"""A population in virtual time: many customers through all journeys, on the same machine, for a forecast."""
