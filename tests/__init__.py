"""Tests, from the cheap to the costly: pure ones first, real servers in containers last."""
