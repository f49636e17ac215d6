"""Valid values that look wrong, and wrong values that look valid."""

from tests.ops.check.case import SERVICE, WORKER_FILE, Edge

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
COPILOT = {**NAMES, **HOLDERS, **SCHEDULER_SIDECARS, **PASSED_OVER}
