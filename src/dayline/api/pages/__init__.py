"""What the service tells about itself: OpenAPI, pages for people, and a list for readers that are programs."""
