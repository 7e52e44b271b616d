"""The sending side: what an upstream system does, and a national history to try the system with."""
