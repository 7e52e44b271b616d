"""Tests of the domain: laws first, then examples."""
