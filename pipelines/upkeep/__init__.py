"""Looking after published tables: what nobody can need goes, and members who are to be forgotten."""
