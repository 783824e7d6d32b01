"""Members of discovery that no standard names, with the reason."""

# Portals of the state report there that a person acted; `idp conformance clients` tells the suite.
PASSED_OVER = {"activity_endpoint"}
