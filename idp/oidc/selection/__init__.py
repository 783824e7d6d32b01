"""Asking a person as whom they want to go on (prompt=select_account, Core §3.1.2.1)."""
