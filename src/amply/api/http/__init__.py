"""The parts that any route may need; they know no route and no body of a request or answer.

    authentication  the API keys of staff
    cursors         where a page of a listing begins
    limits          the limit of donations from one address
    middleware      identifier, log line and largest body of a request; the last error handler
    openapi         the OpenAPI document
    problems        errors as problem details
    resources       what routes share, opened when the application starts
    vitals          the state of this process

`app` installs the middleware, the problems and the document.
"""
