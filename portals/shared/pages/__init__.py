"""The pages that every portal has."""
