"""Routes of the installation's operator, and of uploads."""
