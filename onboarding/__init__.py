"""The `onboarding` command: settings, the wiring of each process, and everything a person types."""
