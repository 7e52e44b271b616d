"""What every process of ours is made of: how it serves, says how it is, ends, and is ended when it is stuck."""
