"""Pure: what may be written and what happens; no I/O, no clock, no chance, no Temporal, no SQL."""
