"""The metrics of the embedded CloudWatch, and the clock of its control plane.

clock   time that may run faster than real time
store   the samples of every metric, by period
"""
