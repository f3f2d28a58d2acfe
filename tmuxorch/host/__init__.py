"""The host: the small supervisor inside a window that owns one child process.

Standard library only and nothing else of tmuxorch, because it is started for every process (`python -SIE`, without
site-packages) and has to outlive everything else. What the controller needs of it is in `records`.

    lease held = alive · exit.json = ended, nothing of its tree is left · lease free without exit.json = lost
"""
