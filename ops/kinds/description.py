"""The descriptions of alarms and event rules: meaning, next step, and file of declaration. Pure."""


def described(
    short_name: str, summary: str, runbook: str | None, runbooks: str | None, service: str
) -> str:
    """Return a description that fits a phone's screen. `runbook` overrides `runbooks`."""
    parts = [summary.strip().rstrip(".") + "."]
    if runbook is None and runbooks is not None:
        runbook = f"{runbooks.rstrip('/')}/{short_name}.md"
    if runbook is not None:
        parts.append(f"Runbook: {runbook}")
    parts.append(f"(ops: copilot/{service}/ops.yml)")
    return " ".join(parts)
