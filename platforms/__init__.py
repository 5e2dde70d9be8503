"""What is judged: the port, its adapters, and the descriptions of platforms, a folder each."""
