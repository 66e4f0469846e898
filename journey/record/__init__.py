"""What the customer record itself decides: which values fit, what follows from purchases, who is in which segment."""
