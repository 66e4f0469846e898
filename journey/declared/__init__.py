"""What upstream systems send and what is known of a customer, as authors declare it: types, descriptions, examples."""
