"""Tests of how processes serve, say how they are, and end."""
