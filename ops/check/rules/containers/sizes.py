"""Sizes of tasks: CPU and memory."""

from collections.abc import Iterator, Mapping, Sequence

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import dig, number
from ops.copilot.workload import APP_RUNNER, FARGATE

_TASK_SIZES = (
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html"
)
_APP_RUNNER_SIZES = (
    "https://docs.aws.amazon.com/apprunner/latest/api/API_InstanceConfiguration.html"
)

# CPU units to the memory, in MiB, that may go with them.
_FARGATE: dict[int, Sequence[int]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4097, 1024),
    1024: range(2048, 8193, 1024),
    2048: range(4096, 16385, 1024),
    4096: range(8192, 30721, 1024),
    8192: range(16384, 61441, 4096),
    16384: range(32768, 122881, 8192),
}
_INSTANCE = {
    256: (512, 1024),
    512: (1024,),
    1024: (2048, 3072, 4096),
    2048: (4096, 6144),
    4096: (8192, 10240, 12288),
}

# The values that CloudWatch Logs takes for a log group.
RETENTION = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


@rule(Severity.ERROR, _TASK_SIZES)
def task_size(subject: Subject) -> Iterator[Hit]:
    """Fargate has no task with this CPU and memory.

    Why: The deployment fails: ECS refuses the task definition.

    Fix: Choose a pair that Fargate has.
    """
    for variant in subject.variants(*FARGATE):
        yield from _size(subject, variant, _FARGATE, (256, 512))


@rule(Severity.ERROR, _APP_RUNNER_SIZES)
def app_runner_size(subject: Subject) -> Iterator[Hit]:
    """App Runner has no instance with this CPU and memory.

    Why: The deployment fails: App Runner refuses the service, and Copilot a field without a value.

    Fix: Choose a pair that App Runner has, or remove the field.
    """
    for variant in subject.variants(APP_RUNNER):
        for name in ("cpu", "memory"):
            if name in variant.data and variant.data[name] is None:
                yield variant.hit((name,), f"`{name}` has no value")
        yield from _size(subject, variant, _INSTANCE, (1024, 2048))


def _size(
    subject: Subject,
    variant: Variant,
    sizes: Mapping[int, Sequence[int]],
    defaults: tuple[int, int],
) -> Iterator[Hit]:
    cpu, memory = (
        default if (size := dig(variant.data, name)) is None else number(size)
        for name, default in zip(("cpu", "memory"), defaults, strict=True)
    )
    if cpu is None or memory is None or subject.overrides_speak_of(variant.workload, "Cpu"):
        return
    if cpu not in sizes:
        known = ", ".join(map(str, sizes))
        yield variant.hit(("cpu",), f"Fargate has no task with {cpu} CPU units, only with {known}")
    elif memory not in sizes[cpu]:
        fitting = ", ".join(map(str, list(sizes[cpu])[:8]))
        more = ", …" if len(sizes[cpu]) > 8 else ""
        field = "memory" if dig(variant.data, "memory") is not None else "cpu"
        message = f"{cpu} CPU units cannot have {memory} MiB of memory"
        yield variant.hit((field,), message, f"With {cpu} CPU units, choose {fitting}{more} MiB.")


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
)
def log_retention(subject: Subject) -> Iterator[Hit]:
    """CloudWatch Logs keeps no log group for this number of days.

    Why: The deployment fails: CloudWatch Logs refuses it.

    Fix: Write 14, 30, 90 or another number that CloudWatch Logs has.
    """
    for variant in subject.variants(*FARGATE):
        days = number(dig(variant.data, "logging", "retention"))
        if days is not None and days not in RETENTION:
            near = min(RETENTION, key=lambda option: (abs(option - days), option))
            message = f"logs cannot be kept for {days} days"
            yield variant.hit(("logging", "retention"), message, f"The nearest is {near}.")
