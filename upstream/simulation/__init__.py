"""An invented national history that adds up to the published figures, at any scale, from one seed."""
