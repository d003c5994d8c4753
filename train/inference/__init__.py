"""Inference: what a trained network says of things that nobody has labelled."""
