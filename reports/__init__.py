"""Evidence: one frozen model of what a run saw, and pure renderings of it."""
