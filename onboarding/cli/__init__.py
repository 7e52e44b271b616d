"""What a person types: a file a command, called like it; what several of them share begins with an underscore."""
