"""Environments' manifests: networks, load balancers, CDN."""
