"""The rules by which CloudWatch evaluates: statistics, metric math, alarms, actions. Pure.

samples       the statistics of one period
points        time series on one grid, and the rules for missing values
arithmetic    operators and IF
calculation   an expression's value: the tree, and the table of functions
evaluation    the state of a metric alarm
composite     the state of a composite alarm, and its suppressor
actions       which actions an alarm takes, and when it holds them back
mute_windows  the times in which a mute rule mutes
"""
