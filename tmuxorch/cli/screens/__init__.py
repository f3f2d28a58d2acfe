"""Full screens: the overview and the checkpoints window. Here, and nowhere else, is Textual."""
