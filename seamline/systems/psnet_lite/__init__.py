"""PS-Net's regions on EfficientNet-Lite0, with zones in place of means and a discriminant as the head."""
