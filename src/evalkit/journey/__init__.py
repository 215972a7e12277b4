"""What patients go through, step by step, before a change and after it."""
