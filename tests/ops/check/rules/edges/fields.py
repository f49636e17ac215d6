"""Edge cases of the rules on load balancers, storage and fields."""

from tests.ops.check.rules.cases.case import HTTP, SERVICE, WEB, WEB_FILE, WORKER_FILE, Edge

CHECK = "healthcheck: {interval: 5s, timeout: 10s}"
SLOW = "healthcheck: {interval: 400s, unhealthy_threshold: 11}"
BALANCED = {
    "a check of an additional rule": Edge(
        "target-check-overlaps",
        {WEB_FILE: f"{WEB}http:\n  path: /\n  additional_rules:\n    - path: /a\n      {CHECK}\n"},
        (8,),
    ),
    "a check of an additional listener": Edge(
        "target-check-overlaps",
        {
            WEB_FILE: f"{WEB}{HTTP}nlb:\n  port: 80\n  additional_listeners:\n"
            f"    - port: 81\n      {CHECK}\n"
        },
        (9,),
    ),
    "limits of an additional rule": Edge(
        "target-check-limits",
        {WEB_FILE: f"{WEB}http:\n  path: /\n  additional_rules:\n    - path: /a\n      {SLOW}\n"},
        (8, 8),
    ),
    "a check of a sidecar": Edge(
        "health-check-overlaps",
        {WORKER_FILE: f"{SERVICE}sidecars:\n  envoy:\n    image: a\n    {CHECK}\n"},
        (7,),
    ),
    "limits of a sidecar": Edge(
        "health-check-limits",
        {WORKER_FILE: f"{SERVICE}sidecars:\n  envoy:\n    image: a\n    {SLOW}\n"},
        (7,),
    ),
    "a sidecar that says nothing of its start": Edge(
        "no-start-period",
        {WORKER_FILE: f"{SERVICE}sidecars: {{envoy: {{image: a, healthcheck: {{retries: 1}}}}}}\n"},
    ),
    "characters of an additional rule": Edge(
        "path-characters",
        {WEB_FILE: f"{WEB}http:\n  path: /\n  additional_rules:\n    - path: /a b\n"},
        (7,),
    ),
}
ROUTED = {
    f"`{http}`": Edge("path-missing", {WEB_FILE: f"{WEB}{http}\n"}, lines)
    for http, lines in {
        "http: {path: /, additional_rules: [{alias: a}]}": (4,),
        "http: {additional_rules: [{path: /}]}": (4,),
        "http: {path: , healthcheck: /}": (),  # empty text to Copilot
        "http:\n  path:\n  healthcheck: /": (4,),
        "http: {healthcheck: /}\nenvironments: {prod: {http: {path: /}}, test: {http: false}}": (),
        "http: {path: ''}": (),
        "http: {path: '${ROOT}'}": (),
        "http: true": (),
    }.items()
} | {
    "a Backend Service without a load balancer": Edge(
        "path-missing", {WORKER_FILE: f"{SERVICE}http: {{alb: shared, additional_rules: []}}\n"}
    ),
    "a Backend Service with one": Edge(
        "path-missing", {WORKER_FILE: f"{SERVICE}http: {{alb: shared, alias: a}}\n"}, (4,)
    ),
    "an environment takes the path away with the rest": Edge(
        "path-missing",
        {
            WEB_FILE: f"{WEB}http: false\nnlb: {{port: 80}}\n"
            "environments: {prod: {http: {healthcheck: /}}}\n"
        },
        (6,),
    ),
}
STORED = {
    f"{size} GiB of disk": Edge(
        "ephemeral-storage",
        {WORKER_FILE: f"{SERVICE}environments: {{prod: {{storage: {{ephemeral: {size}}}}}}}\n"},
        () if 20 <= size <= 200 else (4,),
    )
    for size in (19, 20, 200, 201)
} | {
    f"a volume of `{efs}`": Edge(
        "efs-of-two-kinds",
        {WORKER_FILE: f"{SERVICE}storage: {{volumes: {{a: {{path: /a, efs: {efs}}}}}}}\n"},
        () if "gid" not in efs else (4,),
    )
    for efs in (
        "true",
        "false",
        "{id: fs-1, root_dir: /, auth: {iam: true}}",
        "{uid: 1, gid: 1, id: , auth: {}}",
        "{uid: 1, gid: 1, root_dir: /}",
    )
}
ANCHORS = {
    f"`{written}` at the top": Edge("unknown-field", {WORKER_FILE: f"{SERVICE}{written}\n"}, lines)
    for written, lines in {
        ".common: &common {a: 1}": (),
        "_secrets: &secrets\n  A: /a\nsecrets: *secrets": (),
        "_shared:\n  one: &one {a: 1}": (),
        "'.list': &list [a]": (),
        ".common: {a: 1}": (4,),
        ".common: {a: 1}\n_secrets: &secrets {A: /a}": (4,),
        ".common:\n  a: 1\n_secrets: &secrets {A: /a}": (4,),
        "common: &common {a: 1}": (4,),
        "image: {location: b, _labels: &labels {a: 1}}": (4,),
    }.items()
}
FIELDS = {**BALANCED, **ROUTED, **STORED, **ANCHORS}
