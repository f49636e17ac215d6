"""The JSON Schema of `ops.yml` and the reference of its fields, generated from the models."""
