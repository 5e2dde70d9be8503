"""Print the schema of a contract."""

from oracle.schema import schema

print(schema(), end="")
