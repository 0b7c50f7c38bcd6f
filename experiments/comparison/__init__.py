"""What the comparison of both kinds of network looks at beyond accuracies.

Calibration, mistakes, changed images, other orders of rows and pixels, few training images.
"""
