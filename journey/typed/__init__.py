"""What expressions mean before anybody is inside: types from the declarations, and which truth values can be."""
