"""Deployments, pipelines, addons, what `ops.yml` files say, and what AWS has."""
