"""The least privileged roles for a described platform, and what is missing of their grants."""
