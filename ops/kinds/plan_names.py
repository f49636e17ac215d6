"""Names in plans of a service's resources: `<service>/<name in AWS>`. Pure."""


def service_of(name: str) -> str | None:
    """Return the service at the beginning of a name; None if the name has no service."""
    service, slash, _ = name.partition("/")
    return service if slash else None


def own_name(name: str) -> str:
    """Return the name in AWS, without the service."""
    return name.rpartition("/")[2]
