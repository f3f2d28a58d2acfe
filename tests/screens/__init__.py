"""What people see and touch, driven by a person at a terminal."""
