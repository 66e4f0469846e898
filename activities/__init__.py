"""Effects made real, one module per neighbour: mail, customers, records."""
