"""`ops init`: the first `ops.yml` files of a workspace.

    queues      the queues that addons create, and the services that know their names: pure
    proposal    the text of each file: pure

What the files of the workspace do not show stands in the text as a comment with the question.
"""
