"""Tests of the embedded servers: real processes throughout, as each is two seconds away."""
