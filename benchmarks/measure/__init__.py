"""How a candidate is measured: its processes, how far it is, what it shows in the end."""
