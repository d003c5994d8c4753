"""Curate trusted painting datasets from the catalogue: selection, bins, folds, manifests."""
