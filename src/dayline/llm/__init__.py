"""Language models: analyst and segment review adapters, prompts, limits."""
