"""The section on Zeiler and Fergus's deconvnet paper: its ideas, and their studies on a network of ours.

`section` says which network is looked at; each part is a module that has a section's face. Parts share
`subject` (the network), `squares` and `variants`; `ablation` and `transfer` belong to the part `depth`.
In a part's partial, templates/sections/deconvnet/NAME.html, `whole` has the section's own facts.
"""

# In the report's order.
PARTS = (
    "ideas",
    "visualization",
    "evolution",
    "invariance",
    "occlusion",
    "correspondence",
    "architecture",
    "depth",
    "control",
)
