"""Three portals of the demonstration: relying parties that know the provider only by protocol."""
