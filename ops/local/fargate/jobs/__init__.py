"""Tasks without a service, and the state machines that start them.

tasks        the tasks that RunTask asks for
executions   the executions of state machines: attempts, retries, time limits
"""
