"""The control loop of the embedded AWS: metrics, alarms and scaling act.

    real processes and queues ─▶ metrics ─▶ alarms ─▶ policies ─▶ desired count ─▶ real processes
                                               └────▶ subscribers

It decides nothing: the rules are those of `ops.control`, and what AWS leaves open is `Choices`.

    thread         the loop: a tick for every ten seconds of the control plane
    publish        what becomes a metric: queues, tasks, target groups, log lines
    watch          what an alarm watches, read from its definition
    alarms         the states of all alarms, and the actions that are due
    scaling        policies and scheduled actions change desired counts
"""
