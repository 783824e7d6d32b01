"""Third floor: one folder for each thing a person does."""
