"""Stand-ins for services that a laptop lacks. Never imported in production; needs the extra
`embedded`.
"""
