"""The ten kinds of objects of the drawn stand-in for CIFAR-10.

Each function draws one kind with a `Pen`, about -1 to 1 in both directions and upright, with
measures of its own for every image. `main` and `second` are the object's two colours, `dark`
and `light` serve for wheels, windows and the like. Some kinds share their parts (wheels, stems,
gables, wings), so that no single part gives the kind away.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from experiments.lab.data.standins.drawn_shapes import (
    Measure,
    Pen,
    band,
    box,
    ellipse,
    ring,
    stroke,
    waves,
)


def aeroplane(pen: Pen) -> None:
    """Seen from above: a fuselage, swept wings, a tail plane."""
    sweep, span, chord = pen.vary(0.1, 0.5), pen.vary(0.75, 1.0), pen.vary(0.13, 0.22)
    root = pen.vary(-0.25, 0.05)
    reach = np.abs(pen.u)
    wing = np.minimum(chord - np.abs(pen.v - root - sweep * reach), span - reach)
    pen.paint(wing, "second")
    tail = np.minimum(0.10 - np.abs(pen.v - 0.72 - 0.4 * reach), pen.vary(0.28, 0.42) - reach)
    pen.paint(tail, "second")
    pen.paint(ellipse(pen.u, pen.v, 0.0, 0.0, pen.vary(0.13, 0.2), 0.95), "main")
    pen.paint(ellipse(pen.u, pen.v, 0.0, -0.66, 0.09, 0.12), "dark")


def boat(pen: Pen) -> None:
    """A hull with a mast and one or two sails."""
    deck, keel = pen.vary(0.25, 0.45), pen.vary(0.75, 0.95)
    top = pen.vary(-1.0, -0.75)
    mast = pen.vary(-0.2, 0.2)
    pen.paint(stroke(pen.u, pen.v, (mast, top), (mast, deck), 0.05), "dark")
    foot = deck - 0.12
    height = (pen.v - top) / (foot - top)
    inside = np.minimum(pen.v - top, foot - pen.v)
    fore, aft = pen.vary(0.45, 0.7) * height, pen.vary(0.4, 0.6) * height * pen.some(0.6)
    ahead, behind = pen.u - mast - 0.06, mast - 0.06 - pen.u
    pen.paint(np.minimum(inside, np.minimum(ahead, fore - ahead)), "light")
    pen.paint(np.minimum(inside, np.minimum(behind, aft - behind)), "second")
    pen.paint(band(pen.u, pen.v, deck, keel, pen.vary(0.8, 1.0), pen.vary(0.35, 0.6)), "main")


def butterfly(pen: Pen) -> None:
    """Four wings with spots, a thin body."""
    reach = np.abs(pen.u)
    wide, tall = pen.vary(0.36, 0.5), pen.vary(0.34, 0.5)
    high, low = pen.vary(-0.5, -0.32), pen.vary(0.35, 0.55)
    pen.paint(ellipse(reach, pen.v, 0.4, low, wide * 0.8, tall * 0.8), "second")
    pen.paint(ellipse(reach, pen.v, 0.48, high, wide, tall), "main")
    spot = pen.vary(0.08, 0.2)
    pen.paint(ellipse(reach, pen.v, 0.55, high, spot, spot), "light", pen.some(0.7))
    pen.paint(ellipse(reach, pen.v, 0.42, low, spot * 0.7, spot * 0.7), "dark", pen.some(0.5))
    pen.paint(ellipse(pen.u, pen.v, 0.0, 0.0, pen.vary(0.07, 0.12), pen.vary(0.6, 0.85)), "dark")


def wheels(pen: Pen, places: list[Measure], radius: Measure, ground: Measure) -> None:
    """Dark wheels with light hubs, standing on `ground`."""
    for place in places:
        pen.paint(ellipse(pen.u, pen.v, place, ground - radius, radius, radius), "dark")
        pen.paint(ellipse(pen.u, pen.v, place, ground - radius, radius / 2, radius / 2), "light")


def car(pen: Pen) -> None:
    """A low body with a cabin in the middle and two wheels."""
    radius, ground = pen.vary(0.2, 0.27), pen.vary(0.55, 0.7)
    sill, bonnet = ground - radius * 0.8, pen.vary(-0.08, 0.1)
    roof, shift = pen.vary(-0.55, -0.38), pen.vary(-0.15, 0.2)
    flat, wide = pen.vary(0.28, 0.45), pen.vary(0.55, 0.7)
    pen.paint(band(pen.u - shift, pen.v, roof, bonnet + 0.05, flat, wide), "main")
    glass = band(pen.u - shift, pen.v, roof + 0.1, bonnet, flat - 0.06, wide - 0.14)
    pillar = np.abs(pen.u - shift) - 0.05
    pen.paint(np.minimum(glass, pillar), "light")
    middle, half = (bonnet + sill) / 2, (sill - bonnet) / 2
    pen.paint(box(pen.u, pen.v, 0.0, middle, pen.vary(0.88, 1.0), half), "main")
    pen.paint(box(pen.u, pen.v, 0.0, middle, 0.85, 0.04), "second", pen.some(0.4))
    wheels(pen, [pen.vary(-0.62, -0.48), pen.vary(0.48, 0.62)], radius, ground)


def fish(pen: Pen) -> None:
    """A body with a tail, a fin, an eye and sometimes stripes."""
    tall, long = pen.vary(0.32, 0.55), pen.vary(0.62, 0.75)
    tail = pen.vary(0.3, 0.5)
    from_root = (pen.u - 0.42) / 0.55
    pen.paint(np.minimum(tail * from_root - np.abs(pen.v), 0.97 - pen.u), "second")
    ahead = pen.vary(-0.15, 0.1)
    fin = np.minimum(pen.v + tall + pen.vary(0.1, 0.25), 0.35 - np.abs(pen.u - ahead + pen.v / 3))
    pen.paint(np.minimum(fin, -pen.v), "second")
    body = ellipse(pen.u, pen.v, -0.2, 0.0, long, tall)
    pen.paint(body, "main")
    stripes = 0.1 * (waves(pen.u * pen.vary(1.5, 2.5) + pen.vary(0.0, 1.0)) - 0.2)
    pen.paint(np.minimum(body, np.minimum(stripes, pen.u + 0.45)), "second", pen.some(0.6))
    pen.paint(ellipse(pen.u, pen.v, -0.6, -0.1, 0.13, 0.13), "light")
    pen.paint(ellipse(pen.u, pen.v, -0.6, -0.1, 0.07, 0.07), "dark")


def flower(pen: Pen) -> None:
    """Petals around a centre, on a stem with a leaf."""
    centre = pen.vary(-0.4, -0.25)
    pen.paint(stroke(pen.u, pen.v, (0.0, centre), (pen.vary(-0.2, 0.2), 1.0), 0.06), "leaf")
    side = pen.vary(0.2, 0.35) * (2.0 * pen.some(0.5) - 1.0)
    pen.paint(ellipse(pen.u, pen.v, side, pen.vary(0.5, 0.7), 0.24, 0.11), "leaf")
    petals, far = 5 + 2 * pen.some(0.5), pen.vary(0.36, 0.46)
    start, size = pen.vary(0.0, 6.2832), pen.vary(0.17, 0.25)
    for number in range(7):
        angle = start + number * 6.2832 / petals
        x, y = far * np.cos(angle), centre + far * np.sin(angle)
        pen.paint(ellipse(pen.u, pen.v, x, y, size, size), "main", number < petals)
    heart = pen.vary(0.16, 0.26)
    pen.paint(ellipse(pen.u, pen.v, 0.0, centre, heart, heart), "second")


def house(pen: Pen) -> None:
    """Walls, a gable or a hipped roof, a door and windows."""
    eaves, half = pen.vary(-0.25, 0.05), pen.vary(0.6, 0.8)
    ridge, flat = pen.vary(-0.95, -0.7), pen.vary(0.0, 0.5) * pen.some(0.5)
    pen.paint(
        box(pen.u, pen.v, pen.vary(0.25, 0.45), ridge + 0.2, 0.1, 0.25), "dark", pen.some(0.5)
    )
    pen.paint(box(pen.u, pen.v, 0.0, (eaves + 0.9) / 2, half, (0.9 - eaves) / 2), "main")
    pen.paint(band(pen.u, pen.v, ridge, eaves, flat, half + 0.18), "second")
    door = pen.vary(-0.3, 0.3)
    pen.paint(box(pen.u, pen.v, door, 0.65, 0.13, 0.26), "dark")
    for side in (-1.0, 1.0):
        x = door + side * pen.vary(0.33, 0.4)
        seen = pen.some(0.85) * (np.abs(x) < half - 0.12)
        pen.paint(box(pen.u, pen.v, x, eaves + 0.32, 0.12, 0.13), "light", seen)


def lorry(pen: Pen) -> None:
    """A tall load behind a cab, on two or three wheels."""
    radius, ground = pen.vary(0.17, 0.22), pen.vary(0.6, 0.75)
    sill, split = ground - radius * 0.9, pen.vary(0.3, 0.45)
    top, cab = pen.vary(-0.7, -0.4), pen.vary(-0.4, -0.1)
    load = np.minimum(pen.u + pen.vary(0.85, 1.0), split - 0.05 - pen.u)
    pen.paint(np.minimum(load, np.minimum(pen.v - top, sill - pen.v)), "main")
    front = np.minimum(pen.u - split, pen.vary(0.85, 1.0) - pen.u)
    pen.paint(np.minimum(front, np.minimum(pen.v - cab, sill - pen.v)), "second")
    pen.paint(box(pen.u, pen.v, split + 0.33, cab + 0.2, 0.16, 0.12), "light")
    pen.paint(box(pen.u, pen.v, 0.0, sill, 0.9, 0.06), "dark")
    wheels(pen, [pen.vary(-0.7, -0.6), pen.vary(0.55, 0.68)], radius, ground)
    pen.paint(ellipse(pen.u, pen.v, -0.22, ground - radius, radius, radius), "dark", pen.some(0.5))


def mushroom(pen: Pen) -> None:
    """A domed cap, often with spots, on a thick stem with a ring."""
    rim, wide, tall = pen.vary(-0.1, 0.15), pen.vary(0.65, 0.95), pen.vary(0.6, 0.9)
    pen.paint(
        band(pen.u, pen.v, rim - 0.1, 0.95, pen.vary(0.14, 0.24), pen.vary(0.2, 0.36)), "light"
    )
    skirt = ring(pen.u, pen.v, 0.0, rim, pen.vary(0.3, 0.4), 0.05)
    pen.paint(np.minimum(skirt, 0.25 - np.abs(pen.u)), "second", pen.some(0.5))
    cap = np.minimum(ellipse(pen.u, pen.v, 0.0, rim, wide, tall), rim - pen.v)
    pen.paint(cap, "main")
    spotted, spot = pen.some(0.6), pen.vary(0.09, 0.15)
    for x, y in ((-0.5, 0.25), (-0.1, 0.6), (0.15, 0.2), (0.5, 0.4)):
        dot = ellipse(pen.u, pen.v, x * wide, rim - y * tall, spot, spot)
        pen.paint(np.minimum(dot, cap), "second", spotted)


def tree(pen: Pen) -> None:
    """A trunk under a round crown or under the tiers of a fir."""
    fir = pen.some(0.5)
    pen.paint(box(pen.u, pen.v, 0.0, 0.6, pen.vary(0.08, 0.16), 0.4), "bark")
    for tier, half in ((0.45, 0.7), (0.1, 0.55), (-0.25, 0.4)):
        tip, foot = tier - pen.vary(0.6, 0.75), tier + pen.vary(-0.05, 0.1)
        pen.paint(band(pen.u, pen.v, tip, foot, 0.0, half), "main", fir)
    for x, y in ((-0.36, -0.05), (0.36, -0.1), (0.0, -0.45), (0.0, 0.05)):
        size = pen.vary(0.34, 0.5)
        pen.paint(ellipse(pen.u, pen.v, x, y, size, size * 0.9), "main", 1.0 - fir)
    fruit = 0.08 * pen.some(0.4) + 1e-3
    for x, y in ((-0.3, 0.1), (0.2, -0.2), (0.05, 0.2)):
        pen.paint(ellipse(pen.u, pen.v, x, y, fruit, fruit), "second")


OBJECTS: dict[str, Callable[[Pen], None]] = {
    "aeroplane": aeroplane,
    "boat": boat,
    "butterfly": butterfly,
    "car": car,
    "fish": fish,
    "flower": flower,
    "house": house,
    "lorry": lorry,
    "mushroom": mushroom,
    "tree": tree,
}
"""Kind to drawing function; the order is the order of the labels, 0 to 9."""
