"""docs/performance.md and its pictures, from the result files."""
