"""Game days: stories in which something goes wrong, played on the embedded AWS, with a verdict.

story      a story, read from `copilot/gameday/NAME.yml`
stage      the running embedded AWS: its services, queues, alarms and decisions
load       requests, and whether the application answers all the time
actions    the steps of a story
evidence   what was seen: counts, states of alarms, answers
verdict    the evidence against what the story expects: pure functions
timeline   the decisions and the steps in one order, as text
report     the verdict as a page
play       a story from its first step to its verdict
"""
