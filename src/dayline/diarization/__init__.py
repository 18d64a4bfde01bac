"""Speaker labels: voice embeddings, clustering, identification of the rep."""
