"""Proving the mailbox of a registration, by the code in the first tab or by the link anywhere."""
