"""Print the schema of a platform's description."""

from platforms.schema import schema

print(schema(), end="")
