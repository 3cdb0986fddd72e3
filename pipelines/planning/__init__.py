"""Planning: what a night of a given size takes."""
