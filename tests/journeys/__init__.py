"""Stories through the front door: real processes, a real browser, and one without JavaScript."""
