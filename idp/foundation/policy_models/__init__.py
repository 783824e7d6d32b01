"""Types of the policy files: one module for each file in `policies/`."""
