"""An Effect as sentence, figure, table and alternative text. Every number is read from the Effect."""
