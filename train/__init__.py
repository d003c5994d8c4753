"""Train and evaluate the multimodal, multitask network of Belhi, Bouras and Foufou (2018) from a manifest."""
