"""Who spoke: voice embeddings, clustering, the rep."""
