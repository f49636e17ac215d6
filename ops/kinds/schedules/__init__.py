"""Off-hours: the services of an environment scale to zero in the evening and start again
automatically.

Application Auto Scaling and CloudWatch run the schedule. No process of ours is needed.
"""
