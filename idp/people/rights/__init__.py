"""Rights: who may do what for which organization."""
