"""The rules by which Application Auto Scaling decides on the count of an ECS service. Pure.

model      limits, policies and cooldowns
step       the capacity that a step adjustment gives
tracking   the capacity that target tracking gives
decision   one count from all policies: arbitration, cooldowns, suspension
schedule   when scheduled actions act, and what they do
"""
