"""The sending side: the simulated history, files of events, and what is typed."""
