"""Mail by Amazon SES: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html."""

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from amply.base.errors import MailRefused, MailUnavailable, MailUncertain
from amply.mail.mailer import Mail

# A task has 60 s. One attempt alone: after no answer it is not known whether the mail went out, and
# SES knows no idempotency key by which it could be sent again safely within the same second.
_CONFIG = Config(connect_timeout=3, read_timeout=15, retries={"total_max_attempts": 1})

# What SES answers about an address that is none. A sender that is not verified is MessageRejected.
# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
_INVALID = "BadRequestException"

_NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError)


class SesMailer:
    """Sends from an address that SES has verified, with the credentials of the task's role."""

    def __init__(self, sender: str, region: str, configuration_set: str | None = None) -> None:
        self._sender = sender
        self._options = {"ConfigurationSetName": configuration_set} if configuration_set else {}
        self._client = boto3.client("sesv2", region_name=region, config=_CONFIG)

    def send(self, mail: Mail) -> str | None:
        """See Mailer.send."""
        try:
            answer = self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [mail.to]},
                Content={
                    "Simple": {
                        "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": mail.text, "Charset": "UTF-8"}},
                    }
                },
                EmailTags=[{"Name": "key", "Value": mail.key}],
                **self._options,
            )
        except ClientError as error:
            # Never its text: SES repeats the address in it.
            code = error.response.get("Error", {}).get("Code")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
            kind = MailRefused if code == _INVALID else MailUnavailable
            raise (MailUncertain if status >= 500 else kind)(f"SES took no mail: {code}") from None
        except BotoCoreError as error:
            kind = MailUnavailable if isinstance(error, _NEVER_SENT) else MailUncertain
            raise kind(f"SES took no mail: {type(error).__name__}") from None
        return str(answer["MessageId"])
