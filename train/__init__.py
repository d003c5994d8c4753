"""Train and evaluate the multimodal, multitask network of Belhi, Bouras and Foufou (2018) from a manifest.

`examples` come from the manifest, `pictures` are the crops that a network sees, `network` and `learner` learn,
`experiment` validates fold by fold, `results` sum up, `report` and `figures` show.
"""
