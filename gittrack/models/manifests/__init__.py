"""Descriptions by which clusters and clouds run the image of a model."""
