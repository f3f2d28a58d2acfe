"""The controller's API: one handler per method, answered when the effect has happened."""
