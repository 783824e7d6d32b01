"""What every page shares; the only floor below the flows that knows Flask."""
