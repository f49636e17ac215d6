"""The metrics that AWS's services publish, measured on the embedded AWS.

queues    AWS/SQS: the embedded queues
tasks     AWS/ECS: the processes of running tasks
targets   AWS/ApplicationELB: target groups and requests
lines     log lines: the embedded metric format, metric filters
insights  Container Insights of clusters that have it enabled
"""
