"""One layout for definition files: keys in their order, two spaces, comments kept; what the file means stays."""
