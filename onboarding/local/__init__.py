"""The whole system on one machine: servers from Python packages, our processes, and the proof of a run."""
