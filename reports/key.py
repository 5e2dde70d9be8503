"""The key that evidence is signed with: where it is given, and how it differs from its path."""

# The environment variable that holds the key, or its path.
SIGNING_KEY = "P9A_SIGNING_KEY"
PEM = "-----BEGIN"
