"""The link "this wasn't me" of a notice: for whoever learns of what somebody else did."""
