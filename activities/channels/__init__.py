"""The ways to a customer, one file each; ``base`` is the contract that they share."""
