"""The workflow engine behind names of our own: queues, leases, the worker."""
