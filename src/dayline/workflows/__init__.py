"""Durable workflows: the engine adapter, queues, heartbeat, session workflow and its steps."""
