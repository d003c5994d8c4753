"""The pictures of a build: stored, hashed, compared."""
