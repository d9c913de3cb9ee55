"""The stage of a scene: adds shapes, lamps and sky to Blender."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

import bpy
from mathutils import Vector

from headshots.backdrops.scenes.kit import sky
from headshots.backdrops.scenes.kit.moods import Mood
from headshots.backdrops.scenes.kit.shapes import Parts, Shape, rotation_matrix

HEAD_DISTANCE = 1.3  # metres from the lens to the person


@dataclass(frozen=True)
class Camera:
    """A camera at the origin that looks along +y, level."""

    height: float = 1.55  # metres
    lens: float = 60.0  # mm, on a sensor 36 mm wide
    f_number: float = 2.0  # f-number

    @property
    def field_of_view(self) -> float:
        """Horizontal angle of view in degrees."""
        return 2 * math.degrees(math.atan(18 / self.lens))


@dataclass
class Stage:
    """One scene in one mood; numbers from `rng` make every build the same."""

    mood: Mood
    rng: random.Random
    camera: Camera
    palette: dict = field(default_factory=dict)  # material by role: "wood", "metal", "accent"
    object_count: int = 0

    def add_shape(self, shape: Shape, material):
        """Add a shape with a material of the palette, or any other.

        Its vertices are world coordinates, so that textures keep their size.
        """
        mesh = bpy.data.meshes.new(f"mesh{self.object_count}")
        mesh.from_pydata(shape.vertices.tolist(), [], shape.faces)
        mesh.materials.append(self.palette[material] if isinstance(material, str) else material)
        mesh.shade_smooth()
        mesh.set_sharp_from_angle(angle=0.6)
        return self.link_object(mesh)

    def place_parts(
        self, parts: Parts, position=(0.0, 0.0, 0.0), *, yaw: float = 0, scale: float = 1, **roles
    ):
        """Add the parts of a piece at a position; `roles` replace the materials of parts."""
        return [
            self.add_shape(
                shape.scaled(scale).rotated(z=yaw).moved(*position), roles.get(part, part)
            )
            for part, shape in parts.items()
        ]

    def link_object(self, object_data):
        blender_object = bpy.data.objects.new(
            f"{object_data.name}-{self.object_count}", object_data
        )
        self.object_count += 1
        bpy.context.scene.collection.objects.link(blender_object)
        return blender_object

    def add_window_light(self, centre, size, direction, *, strength: float = 1.0):
        """Add the sky's light in an opening: an invisible panel, which renders with less noise."""
        lamp = bpy.data.lights.new("window", "AREA")
        lamp.shape, lamp.size, lamp.size_y = "RECTANGLE", size[0], size[1]
        lamp.color = self.mood.daylight
        lamp.energy = 22 * size[0] * size[1] * self.mood.window * strength
        return self.add_aimed_lamp(lamp, centre, direction)

    def add_area_lamp(
        self,
        centre,
        direction,
        *,
        size: float,
        watts: float,
        colour=(1.0, 0.78, 0.52),
        always: bool = False,
    ):
        """Add an invisible disc of light whose power follows the mood unless it is always on."""
        lamp = bpy.data.lights.new("lamp", "AREA")
        lamp.shape, lamp.size, lamp.color = "DISK", size, colour
        lamp.energy = watts * (1.0 if always else self.mood.lamps)
        return self.add_aimed_lamp(lamp, centre, direction)

    def add_point_lamp(
        self, centre, *, watts: float, radius: float = 0.06, colour=(1.0, 0.72, 0.42)
    ):
        """Add the light of a bulb; its visible glass is a separate shape."""
        lamp = bpy.data.lights.new("glow", "POINT")
        lamp.shadow_soft_size, lamp.color = radius, colour
        lamp.energy = watts * self.mood.lamps
        lamp_object = self.link_object(lamp)
        lamp_object.location = centre
        lamp_object.visible_camera = lamp_object.visible_glossy = False
        return lamp_object

    def add_spot_lamp(
        self, centre, direction, *, watts: float, degrees: float = 40, colour=(1.0, 0.85, 0.68)
    ):
        lamp = bpy.data.lights.new("spot", "SPOT")
        lamp.spot_size, lamp.spot_blend = math.radians(degrees), 0.6
        lamp.color, lamp.shadow_soft_size = colour, 0.05
        lamp.energy = watts * self.mood.lamps
        return self.add_aimed_lamp(lamp, centre, direction)

    def add_aimed_lamp(self, lamp, centre, direction):
        """Add a lamp that the camera does not see and that shines in a direction."""
        lamp_object = self.link_object(lamp)
        lamp_object.location = centre
        lamp_object.rotation_euler = Vector(direction).to_track_quat("-Z", "Y").to_euler()
        lamp_object.visible_camera = lamp_object.visible_glossy = False
        return lamp_object

    def add_sun(self, azimuth: float, *, strength: float = 1.0, elevation: float | None = None):
        """Add sunlight from an azimuth: 0 is behind the camera, 90 right, −90 left."""
        if not self.mood.sun_strength:
            return
        lamp = bpy.data.lights.new("sun", "SUN")
        lamp.color, lamp.angle = self.mood.sun, math.radians(1.2)
        lamp.energy = self.mood.sun_strength * strength
        sun_elevation = self.mood.sun_elevation if elevation is None else elevation
        direction = (
            rotation_matrix(0, 0, azimuth) @ rotation_matrix(-sun_elevation, 0, 0) @ (0.0, 1.0, 0.0)
        )
        self.add_aimed_lamp(lamp, (0, 0, 20), direction)

    def set_sky(self, **sky_settings) -> None:
        bpy.context.scene.world = sky.make_world(self.mood, **sky_settings)
