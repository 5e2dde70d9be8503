"""Taking back what was made: in what order, what hangs on it, and whether it can be at all."""
