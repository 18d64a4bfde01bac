"""Sources of a recording's bytes: file, object store, HTTP."""
