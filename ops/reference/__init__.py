"""The JSON Schema of `ops.yml`, and the reference of its fields: both made from the models."""
