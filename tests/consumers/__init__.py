"""Tests of the parts of a consumer process that need no server."""
