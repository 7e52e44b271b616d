"""Tests of what the processes show, of the dashboards and of the alerts."""
