"""Processes and wiring; the only room that reads the environment."""
