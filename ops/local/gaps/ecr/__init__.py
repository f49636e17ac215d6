"""Gaps in moto's ECR.

    lifecycle_preview    the images that a lifecycle policy would expire
    running_images       repositories with the images of task definitions and of commits
    tagged_repositories  repositories in the tag index

Tests of single calls close all but `running_images`, which invents images.
"""
