"""Lets a process of ours be started as `python -m onboarding`."""

from onboarding.cli import main

main()
