"""HTTP application: middleware, dependencies, errors, OpenAPI document, served documentation."""
