"""The search language: one text, one tree, two readers of it. Pure.

syntax     text → tree (`parse`), with what was not understood
fields     the fields, and how their values are read (days, values)
tree       what is asked for
render     tree → text, as it is sent to the backend
predicate  tree → a test of a session; the backend's reader is `mechtui.server.db.search`
marks      tree → what of a row to mark as the reason it was found
trouble    what was not understood, in words
"""
