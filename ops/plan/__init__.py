"""The pipeline from declarations and live resources to a plan, and from a plan to output or
changes.
"""
