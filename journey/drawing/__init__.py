"""A journey as a picture, drawn from its definition: side by side, below each other, or as Mermaid."""
