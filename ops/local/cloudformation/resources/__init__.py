"""The implementation of each resource type; `registry` finds it by the type's name."""
