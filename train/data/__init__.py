"""What a network learns from: the manifest's rows as arrays."""
