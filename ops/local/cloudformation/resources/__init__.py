"""What makes each type of resource; `registry` finds it by the type's name."""
