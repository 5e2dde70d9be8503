"""The tests of the suite itself: on real PostgreSQL, through public doors."""
