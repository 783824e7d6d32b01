"""Registration: from the first page to an account whose mailbox is proven."""
