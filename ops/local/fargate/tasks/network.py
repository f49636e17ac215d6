"""The elastic network interface of a task, as shown by EC2 and DescribeTasks.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
"""

from __future__ import annotations

import contextlib
import uuid
from typing import TYPE_CHECKING, Any

from moto.ec2.exceptions import EC2ClientError, InvalidNetworkInterfaceIdError

from ops.local.fargate.errors import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moto.ec2.models import EC2Backend


class Network:
    """Creates an interface with the task's loopback address in moto's EC2.

    It works in this process instead of the API, because loading boto3's model of EC2 takes longer
    than starting a task.
    """

    def __init__(self, backend: EC2Backend) -> None:
        self._backend = backend

    def attach(
        self, address: str, subnets: Sequence[str], groups: Sequence[str], task: str
    ) -> tuple[str | None, dict[str, Any]]:
        """Return the interface's id and the task's attachment; no interface without a subnet.

        Raise Failure if the subnet or a security group does not exist.
        """
        attachment = str(uuid.uuid4())
        details = [{"name": "privateIPv4Address", "value": address}]
        identifier = None
        if subnets:
            # As on AWS: arn:aws:ecs:REGION:ACCOUNT:attachment/ID
            description = f"{task.partition(':task/')[0]}:attachment/{attachment}"
            try:
                interface = self._backend.create_network_interface(
                    subnets[0], address, group_ids=list(groups), description=description
                )
            except EC2ClientError as error:
                raise Failure(
                    f"ResourceInitializationError: cannot make a network interface: {error.message}"
                ) from error
            interface.status = "in-use"
            identifier = interface.id
            details = [
                {"name": "subnetId", "value": subnets[0]},
                {"name": "networkInterfaceId", "value": interface.id},
                {"name": "macAddress", "value": interface.mac_address},
                {"name": "privateDnsName", "value": f"ip-{address.replace('.', '-')}.ec2.internal"},
                *details,
            ]
        return identifier, {
            "id": attachment,
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": details,
        }

    def detach(self, identifier: str | None) -> None:
        """Delete an interface, if it still exists."""
        if identifier is not None:
            with contextlib.suppress(InvalidNetworkInterfaceIdError):
                self._backend.delete_network_interface(identifier)
