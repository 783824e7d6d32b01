"""Mailed codes and links as flows use them: asked for in a tab, proving a mailbox."""
