"""AWS's own rules for metrics, alarms and scaling, as pure functions.

The modules here have AWS's refusals; three packages have its decisions:

    cloudwatch    statistics, metric math, alarms and their actions
    autoscaling   step scaling, target tracking, scheduled actions, and one count from all of them
    ecs           rollouts, capacity providers, circuit breaker, deployment alarms
    log_patterns  filter patterns of CloudWatch Logs
    cron          the times of schedules
    undocumented  what AWS leaves open, as named choices

Values go in and decisions come out. Nothing here reads a clock or imports from the rest of `ops` or
from botocore: the models of `ops.yml`, the plan and the embedded AWS all apply the same rules.
"""
