"""The recipient portal: for people who receive health benefits; needs no access right."""

from portals.shared.language import N_
from portals.shared.site import Site

SITE = Site(key="recipient", name=N_("Recipient Portal"), notice_version="2026-11")
