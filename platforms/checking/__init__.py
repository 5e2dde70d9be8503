"""What of a description fits its platform, and what does not, with file and line."""
