"""SQL is the record: customers, accepted events, deliveries, every message and the timeline."""
