"""The system under every fault: what does it harm, and what judges it afterwards."""
