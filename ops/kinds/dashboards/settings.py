"""The section `dashboards` of `copilot/ops.yml`."""

from pydantic import Field

from ops.base.fields import Number, Section, Text


class Prices(Section):
    """The prices of Fargate in your region: https://aws.amazon.com/fargate/pricing/."""

    vcpu_hour: Number = Field(gt=0)
    """A vCPU for an hour."""
    gb_hour: Number = Field(gt=0)
    """A GB of memory for an hour."""
    currency: Text = "USD"
    """What the prices are in; it labels the axis."""


class Settings(Section):
    """The dashboard `<application>-<environment>`. `dashboards: {}` is enough to have it."""

    prices: Prices | None = None
    """Draws what the running tasks cost; without prices there is no such graph."""
