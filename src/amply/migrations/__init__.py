"""The schema's history. Revisions are numbered by age, from 0001 on.

A revision must leave the tables usable by the release before it, which runs on during a deploy and
again after a rollback: add first, and remove unused parts in a later release. It must not block
that release's writes: an index of a table that grows is built as 0003 does.
"""

NEEDED_REVISION = "0007"
"""What this release of the services needs; a test holds it to the newest file of `versions`."""
