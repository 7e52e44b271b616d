"""The nation's whole history, generated while it is recorded, on one machine."""
