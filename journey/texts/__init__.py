"""Message texts beyond their words: languages, filters, layouts, snippets, the page and the plain text they become."""
