"""Gaps that concern the requests of any service.

    concurrent_calls  one call of a service at a time
    parameters        parameters that the service's own model does not allow
    unknown_action    calls that moto lacks, or that fail inside it

What a single service refuses is in the service's folder, as `request_rules`.
"""
