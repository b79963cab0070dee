"""Workflow engines whose decisions `pydmn` makes; each module needs its engine installed.

Nothing here is imported by `pydmn` itself.
"""
