"""Jobs: the spark-submit entry points, and how they start and end."""
