"""Tests of the stream worker's parts."""
