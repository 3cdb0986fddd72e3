"""Publishing: sources read, tables staged and committed, artifacts sealed; the only place that reads and writes."""
