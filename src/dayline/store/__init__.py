"""Tables, repositories, outbox, objects: the only place that speaks SQL."""
