"""Tests of what operators ask: comparison, rendering and exit codes, without a server."""
