"""Accepting the terms of use: a new version is shown once, before anything else."""
