"""The compose file, judged by the real compose, and started on the real engine."""
