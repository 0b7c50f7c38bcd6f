"""Two builds held against each other: what changed, and what may explain it. Reads results alone."""
