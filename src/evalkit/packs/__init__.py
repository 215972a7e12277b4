"""What one book sends to another: an evaluation with its records and the tables that may leave, in one zip."""
