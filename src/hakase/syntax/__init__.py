"""Reading and editing a template's Python by its syntax tree.

It knows Python and names of hyperparameters, nothing of ideas, runs or papers. An edit is a splice of the original
text at the place of a node, so that comments and formatting stay as their author left them.
"""
