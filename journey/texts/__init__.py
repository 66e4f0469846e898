"""Message texts beyond their words: languages, filters, layouts, snippets, and the page and the plain text made of them."""
