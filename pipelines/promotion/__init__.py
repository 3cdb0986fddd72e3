"""Promotion: a challenger beside the champion, and the gates that it must pass to become current."""
