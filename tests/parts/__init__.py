"""Real parts for tests: databases, servers, a browser. A missing one is a failure, never a skip."""
