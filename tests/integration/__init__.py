"""Tests against real servers in containers."""
