"""What every portal is made of: sign-in as a relying party, its session, its pages."""
