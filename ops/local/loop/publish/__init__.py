"""The metrics that AWS's services publish, taken from what really runs.

queues    AWS/SQS: the embedded queues
tasks     AWS/ECS: the processes of running tasks
targets   AWS/ApplicationELB: target groups and requests
lines     log lines in the embedded metric format
"""
