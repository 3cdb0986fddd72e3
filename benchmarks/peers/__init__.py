"""Other engines on the same arrays as ours."""
