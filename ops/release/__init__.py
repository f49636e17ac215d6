"""`ops release`: deploy everything in order, verify it, and go back when it is bad.

`decisions`, pure: values in, decisions out

    model        a plan: which workloads change, from which tag to which
    plan         makes the plan from the files and what runs
    record       one release as Parameter Store keeps it, and its states
    takeover     what to do about the release before: wait, continue, go back
    verdict      whether a workload has reached its image
    platforms    the platforms of workloads and images
    variables    the values of `${…}` in the manifests

`aws`: what a release reads and writes

    journal      the records of an environment: lock, state and history in one
    live         what runs, from CloudFormation, ECS and the load balancer
    reasons      why a deployment failed, with the last log lines
    alarms       the alarms that guard a deployment
    tasks        new tasks of what runs, and another number of them

`steps`

    deployer     the interface of what deploys one workload, and the Copilot CLI behind it
    watch        one workload on its way to an image
    conductor    all steps of a release, forwards and back

`source` finds commits, migrations and a tag's own files; `preparation` brings all of it together,
`render` shows plan, record and history as text, data and Markdown.

Canary and blue/green fit between `deployer` and `verdict`: a workload's own strategy changes how
one deployment proceeds, and neither the order nor the way back.
"""
