"""The sender in Python, in an environment of its own: nothing here is imported by anything else."""
