"""The identity provider: one account for a state's citizens, businesses and employees."""
