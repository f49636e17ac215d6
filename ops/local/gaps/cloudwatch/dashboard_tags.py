"""The tags of a dashboard.

AWS: PutDashboard sets the tags of a new dashboard, and ignores tags for an existing one. Deleting a
dashboard deletes its tags.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html

moto: ignores all tags.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.cloudwatch.utils import make_arn_for_dashboard


def close() -> None:
    """Keep the tags of a new dashboard."""
    original_put = CloudWatchResponse.put_dashboard
    original_delete = CloudWatchBackend.delete_dashboards
    if hasattr(original_put, "__wrapped__"):
        return

    @functools.wraps(original_put)
    def put_dashboard(self: CloudWatchResponse) -> Any:
        backend, name = self.cloudwatch_backend, self._get_param("DashboardName")
        is_new = backend.get_dashboard(name) is None
        answer = original_put(self)
        if is_new and (dashboard := backend.get_dashboard(name)) is not None:
            backend.tagger.tag_resource(dashboard.arn, self._get_param("Tags", []))
        return answer

    @functools.wraps(original_delete)
    def delete_dashboards(self: CloudWatchBackend, dashboards: list[str]) -> str | None:
        error = original_delete(self, dashboards)
        for name in [] if error else dashboards:
            arn = make_arn_for_dashboard(self.account_id, self.region_name, name)
            self.tagger.delete_all_tags_for_resource(arn)
        return error

    CloudWatchResponse.put_dashboard = put_dashboard  # type: ignore[method-assign]
    CloudWatchBackend.delete_dashboards = delete_dashboards  # type: ignore[method-assign]
