"""A long run that looks for bytes on which the codec fails, led by what code they reach."""
