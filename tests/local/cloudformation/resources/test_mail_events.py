"""The committed addon that carries SES's reports: deployed, and a report sent through it."""

from __future__ import annotations

from pathlib import Path

from ops.local.cloudformation.template import parse
from tests.local.stacks import ACCOUNT, REGION, Stacks

ADDON = Path(__file__).parents[4] / "copilot/environments/addons/mail-events.yml"
REPORT = '{"eventType": "Send", "mail": {"tags": {"key": ["don_1"]}}}'


def test_a_report_reaches_the_worker_s_queue_as_ses_wrote_it(stacks: Stacks, name: str) -> None:
    parameters = {"App": "amply", "Env": name}
    stack = stacks.create(name, parse(ADDON.read_text()), parameters)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    outputs = {one["ExportName"].split("-")[-1]: one["OutputValue"] for one in stack["Outputs"]}
    assert outputs["MailConfigurationSet"] == f"amply-{name}-mail"
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:amply-{name}-mail-events"
    stacks.client("sns").publish(TopicArn=topic, Message=REPORT)
    url = outputs["MailEventsQueueUrl"]
    (message,) = stacks.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == REPORT
