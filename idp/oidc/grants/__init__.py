"""What a person granted an application by signing in: its code, and the tokens that follow."""
