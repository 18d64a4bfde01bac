"""The plain words of the domain: data and errors that every floor may speak of. No I/O here."""
