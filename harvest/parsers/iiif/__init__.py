"""What IIIF's interfaces write: manifests and collections (Presentation API 2, 3), info.json (Image API 1 to 3)."""
