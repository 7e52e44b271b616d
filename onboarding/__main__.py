"""Lets a process of ours be started as `python -m onboarding`."""

from onboarding.cli.main import main

main()
