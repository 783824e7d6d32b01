"""What a person had typed when the session ended: sealed, for its owner alone."""
