"""Publishing: sources read, tables staged and committed, artifacts sealed; it and upkeep alone read and write."""
