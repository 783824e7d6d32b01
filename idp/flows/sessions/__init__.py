"""Where somebody is signed in, which browsers are recognised, and what happened so far."""
