"""What a person decides: each one transaction that says who decided it and why."""
