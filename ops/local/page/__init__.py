"""The page of `ops local up`: what runs, on one time axis, and buttons for what goes wrong.

server    HTTP on loopback: the page, server-sent events, the buttons
reading   the state of everything, asked of the embedded AWS by its API while somebody looks
history   the curves: counts of tasks and messages, every two seconds, whether anybody looks
mails     the messages that would have left this machine
actions   what the buttons do
static    HTML, CSS and JavaScript, without a build step; Plotly draws the curves
"""
