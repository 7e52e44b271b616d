"""Kills a process between any two steps of its work, and proves that what is counted stays exact."""
