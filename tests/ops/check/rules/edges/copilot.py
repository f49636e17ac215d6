"""Valid values that look wrong, and wrong values that look valid."""

from tests.ops.check.rules.cases.case import SERVICE, WORKER_FILE, Edge

NAMES = {
    f"an override for `{name}`, where there are prod and test": Edge(
        "unknown-environment",
        {WORKER_FILE: f"{SERVICE}environments:\n  {name}: {{count: 1}}\n"},
        lines,
    )
    for name, lines in {
        "prd": (5,),
        "production": (5,),
        "tset": (5,),
        "prod-eu": (),  # its manifest may be in another repository
        "staging": (),
        "prod2": (),
    }.items()
}
HOLDERS = {
    f"`{written}` in a manifest": Edge(
        "unknown-field", {WORKER_FILE: f"{SERVICE}{written}\n"}, lines
    )
    for written, lines in {
        "base: &base {A: x}\nvariables: {<<: *base}": (),
        "base: &base\n  A: x\nsidecars: {side: {image: b, variables: *base}}": (),
        "base: &base {A: x}\nvariables: {B: y}": (4,),
        "variabels: &base {A: x}\nsidecars: {side: {image: b, variables: *base}}": (4,),
    }.items()
}
PATCH = "- op: add\n  path: /Resources/{}\n  value: {{Name: a}}\n"
FUNCTIONS = {
    f"`{group}` as a security group": Edge(
        "text-breaks-template",
        {WORKER_FILE: f"{SERVICE}network: {{vpc: {{security_groups: [{group!r}]}}}}\n"},
        lines,
    )
    for group, lines in {
        "Fn::ImportValue: shop-db-group": (),
        "!ImportValue shop-db-group": (),
        "Ref: Group": (),
        "group: shop": (4,),
        "!Tag shop": (4,),
    }.items()
}
MOUNTS = (
    f"{SERVICE}sidecars: {{side: {{image: b, mount_points: [{{source_volume: a, path: /b}}]}}}}\n"
)
OVERRIDES = "copilot/worker/overrides"
VOLUMES = {
    f"a volume that `{path}` of the overrides may declare": Edge(
        "volume-undeclared",
        {WORKER_FILE: MOUNTS, f"{OVERRIDES}/{path}": text},
        lines,
    )
    for path, text, lines in (
        ("cfn.patches.yml", PATCH.format("TaskDefinition/Properties/Volumes/-"), ()),
        ("cfn.patches.yml", PATCH.format("TaskDefinition/Properties"), ()),
        ("cfn.patches.yml", PATCH.format("TaskDefinition/Properties/Cpu"), (4,)),
        ("cdk.json", "{}", ()),
    )
}
SCHEDULER_SIDECARS = {
    f"beat in a sidecar beside `{count}`": Edge(
        "several-schedulers",
        {
            WORKER_FILE: f"{SERVICE}sidecars: {{beat: {{image: b, command: celery -A a beat}}}}\n"
            f"count: {count}\n"
        },
        lines,
    )
    for count, lines in {"{range: 1-5, cpu_percentage: 70}": (5,), "2": (5,), "1": ()}.items()
}
PASSED_OVER = {
    f"`{written}` is passed over": Edge(
        "value-passed-over", {WORKER_FILE: f"{SERVICE}{written}\n"}, lines
    )
    for written, lines in {
        "cpu: 0.5": (4,),
        "exec: {enable: [1]}": (4,),
        "count: {range: 1-3, cpu_percentage: 70, cooldown: {in: soon}}": (4,),
        "command: [a, [b]]": (4,),
        "count: {range: 1-3, cpu_percentage: 70, cooldown: {in: 0}}": (),
        "cpu: half": (),
    }.items()
}
COPILOT = {**FUNCTIONS, **VOLUMES, **NAMES, **HOLDERS, **SCHEDULER_SIDECARS, **PASSED_OVER}
