"""Train and evaluate the multimodal, multitask network of Belhi, Bouras and Foufou (2018) from a manifest.

`data` reads the manifest's rows and `pictures` the crops that a network sees; `models` are the networks,
`experiments` train and validate them, `evaluation` sums up, `report` shows.
"""
