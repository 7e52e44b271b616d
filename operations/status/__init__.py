"""How the system is, on one screen: progress and outcomes of each topic, the processes, what is wrong."""
