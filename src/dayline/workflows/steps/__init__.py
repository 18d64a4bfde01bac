"""Steps of the workflows, one module per step."""
