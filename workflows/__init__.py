"""Temporal drives the machine: it remembers, waits and calls the activities."""
