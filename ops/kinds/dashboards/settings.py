"""The section `dashboards` of `copilot/ops.yml`."""

from pydantic import Field

from ops.base.fields import Number, Section, Text


class Prices(Section):
    """The prices of Fargate in your region: https://aws.amazon.com/fargate/pricing/."""

    vcpu_hour: Number = Field(gt=0)
    """The price of a vCPU for an hour."""
    gb_hour: Number = Field(gt=0)
    """The price of a GB for an hour."""
    currency: Text = "USD"
    """The label of the axis."""


class Settings(Section):
    """The dashboard `<application>-<environment>`. `dashboards: {}` is enough to have it."""

    prices: Prices | None = None
    """Adds a graph of what the running tasks cost."""
