"""The implementation of each resource type; `registry` finds it by the type's name.

    registry    the types by name, in three sources
    types       types with code of their own
    api         types that one call of the public API creates, as tables
    moto_model  types that moto's own CloudFormation models implement well
    inert       resources that exist on record only
    shapes      properties, converted to an API's parameters
    base        the interface of a type

Each imports only those below it.
"""
