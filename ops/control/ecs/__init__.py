"""The rules by which ECS runs the tasks of a service. Pure.

phase              the phases of a task
rollout            which tasks of a rolling update start and stop next
providers          the capacity provider of the next task, and of the one that is removed
breaker            when the circuit breaker fails a deployment
deployment_alarms  when an alarm fails a deployment, and how long it is watched
"""
