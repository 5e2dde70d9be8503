"""What is demanded, as data: steps, checks, exit criteria, named refusals, statuses."""
