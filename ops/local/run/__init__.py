"""One run of `ops local`: start, deploy, state, stop.

session      everything started in order, and stopped in reverse order
preflight    what is looked at before anything starts
environment  the environment of the CLI's processes
code         the tree that an image tag runs from
assumed      placeholders for what only an account can show
processes    the Copilot CLI, the stand-in for Docker, companions, and how they stop
state        the record with which other commands find a running `up`
stack        the running services of a stack
restart      `ops local restart`
interrupt    `ops local interrupt`
page         the page that shows a run
shell        what the shell's variables may not do
"""
