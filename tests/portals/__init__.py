"""The portals as relying parties: against an honest provider and a lying one."""
