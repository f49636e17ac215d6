"""Off-hours: the services of an environment go to zero in the evening and come back by themselves.

The schedule is Application Auto Scaling's and CloudWatch's to keep. Nothing of ours has to run.
"""
