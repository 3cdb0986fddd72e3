"""What the tables, their quality rules and the failures are; imports nothing of ours."""
