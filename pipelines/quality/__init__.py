"""Quality: the gates that stand between a night and its readers."""
