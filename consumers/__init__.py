"""Records every event in Postgres, exactly once, and announces what each source partition counts."""
