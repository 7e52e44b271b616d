"""What a record costs the processor, by stage."""
