"""Answers out: retrieved, ranked, drafted, cited and verified; or a refusal."""
