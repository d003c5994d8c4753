"""The networks: backbones, their weights, and the paper's multimodal, multitask network on top of them."""
