"""What the recurrent sections look at beyond accuracies: gradients, rows, gates, sizes and settings."""
