"""Curate trusted painting datasets from the catalogue: selection, labels, folds, manifests.

`selection` says which paintings and why not the others; `labels` puts what museums say into one vocabulary; `pictures`
stores them (prepared by `harvest.pictures`); `folds` deals; `manifest` is the contract with `train`; `build` does all
of it in one folder.
"""
