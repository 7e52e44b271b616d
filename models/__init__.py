"""The domain, pure: what an event is, when it counts, and how counts add up. No I/O, no clock, no environment."""
