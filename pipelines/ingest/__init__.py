"""Sources to clean, deduplicated postings and members; refused rows keep their reasons."""
