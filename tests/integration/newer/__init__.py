"""The next version of the program: one more kind of event, and a second version of a class beside the first."""
