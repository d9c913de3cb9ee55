"""The studio engine: arrays in, arrays out; no Django, clock, settings or network."""

import cv2

# Threads are spent on whole looks (render.py), which is faster than inside single operations.
cv2.setNumThreads(1)
