"""A toolkit for what AWS Copilot does not cover, declared in files next to its manifests.

One pipeline serves every kind of resource:

    workspace ──▶ desired ──┐
                            ├──▶ plan ──▶ rendered (text, JSON) or applied
    AWS ───────▶ live ──────┘

The wings, from the door down; each imports only those below it:

    commands    the command line: a few lines a command
    reference   docs and schemas, made from the code
    check       `ops check` and its rules
    scaffold    `ops init`: the first `ops.yml` files of a workspace
    oncall      `ops status`, `why`, `logs`, `queue` and `doctor`
    local       the embedded AWS, on which all of it runs on a laptop
    release     `ops release`, `restart` and `scale`: deploy, verify, go back
    kinds       a folder for each kind of resource: `settings.py`, `desired.py`, `remote.py`
    plan        declarations, survey, plan, output and apply: once for all kinds
    copilot     the workspace's files, and what Copilot deployed
    aws         the way to AWS: sessions, declared access, retries
    control     AWS's own rules, pure: what it accepts, and how alarms and scaling decide
    base        errors, the clock, the table of kinds: what needs nothing else

`desired.py` decides and never reaches AWS; `remote.py` alone calls it.
"""
