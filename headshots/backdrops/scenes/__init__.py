"""The scripts that build and render the backdrops; only they need Blender.

Another scene is one more file: a `build_scene(stage)` that puts shapes, plants, furniture and lamps
of the kit around a camera at (0, 0, 1.55) that looks along +y at a person 1.3 m away, and a `SCENE`
that describes it. At a distance d it sees 0.3 d to each side, so put what matters left, right and
above, between 3 and 9 m; paint with "accent" what may carry a brand's colour; give the face a
window or a lamp beside the camera. Then add its slug to `manifest.SLUGS` and render it.
"""
