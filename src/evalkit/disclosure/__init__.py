"""What may be shown of figures about people, and what keeps the rest in."""
