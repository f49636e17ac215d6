"""The HTTP API.

    app      the application: every route, every middleware, and what they share
    routes   the endpoints, one module for each router
    pages    the page on which a donor pays
    records  donations as staff see them
    schemas  the bodies of requests and answers
    http     the parts that any route may need: resources, errors, authentication, limits

Each imports only those below it; `schemas` and `http` do not know each other.
"""
