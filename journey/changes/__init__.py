"""What changed in meaning between two sets of definitions, in sentences."""
