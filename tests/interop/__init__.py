"""Relying parties that others wrote, each doing everything a relying party does."""
