"""How a build goes: what was asked, what is stale, who trains, in which order, what is written."""
