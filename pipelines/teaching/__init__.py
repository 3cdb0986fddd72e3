"""Teaching: teachers that say what fits, the written policy, and how far they agree with people."""
