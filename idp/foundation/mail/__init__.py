"""Mail: queued with what it tells about, rendered and handed over by the worker."""
