"""Processes that stand in for containers which cannot run on this machine.

choice    decides which containers those are: pure
server    the process itself: a program of its own that needs the standard library alone
"""
