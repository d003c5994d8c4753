"""Curate trusted painting datasets from the catalogue: selection, bins, folds, manifests.

`selection` says which paintings and why not the others; `images.store` stores them (prepared by `harvest.pictures`);
`folds` deals; `manifest` is the contract with `train`; `build` does all of it in a `folder` with its `datasheet`.
"""
