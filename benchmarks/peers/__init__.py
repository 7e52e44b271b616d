"""Other ways to do the nearest to the same work, each a page, set up as its own documentation recommends."""
