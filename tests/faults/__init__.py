"""What happens when a part fails: outages, kills, and two at once."""
