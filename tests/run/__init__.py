"""Tests of `onboarding run`: the whole system on this machine, started and ended as a person would."""
