"""A body drawn by OpenGL: vispy's canvas and four small programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from vispy import app, gloo

from .brain_scene import AMBIENT, GLASS, PLACE_COLOUR

if TYPE_CHECKING:
    from .brain_camera import Camera
    from .brain_scene import Scene

_MESH = (
    """
uniform mat4 u_view; uniform vec3 u_eye;
attribute vec3 a_place; attribute vec3 a_normal; attribute vec3 a_colour;
varying vec3 v_colour; varying float v_slope;
void main() {
    v_colour = a_colour;
    v_slope = abs(dot(a_normal, u_eye));
    gl_Position = u_view * vec4(a_place, 1.0);
}""",
    """
uniform float u_light; uniform float u_ambient; uniform float u_glass; uniform vec2 u_dense;
varying vec3 v_colour; varying float v_slope;
void main() {
    float bright = (1.0 - u_light) + u_light * (u_ambient + (1.0 - u_ambient) * v_slope);
    float rim = 1.0 - v_slope;
    float share = mix(1.0, u_dense.x + u_dense.y * rim * rim * rim, u_glass);
    gl_FragColor = vec4(v_colour * mix(bright, 1.0, u_glass), share);
}""",
)
_SPHERES = (
    """
uniform mat4 u_view; uniform float u_scale; uniform float u_least;
attribute vec3 a_place; attribute vec3 a_colour; attribute float a_radius;
varying vec3 v_colour;
void main() {
    v_colour = a_colour;
    gl_Position = u_view * vec4(a_place, 1.0);
    gl_PointSize = 2.0 * max(a_radius * u_scale, u_least);
}""",
    """
varying vec3 v_colour;
void main() {
    vec2 at = 2.0 * gl_PointCoord - 1.0;
    float square = dot(at, at);
    if (square > 1.0) discard;
    gl_FragColor = vec4(v_colour * (0.55 + 0.45 * sqrt(1.0 - square)), 1.0);
}""",
)
_LINES = (
    """
uniform mat4 u_view; uniform float u_nearer;
attribute vec3 a_place; attribute vec3 a_colour;
varying vec3 v_colour;
void main() {
    v_colour = a_colour;
    gl_Position = u_view * vec4(a_place, 1.0);
    gl_Position.z -= u_nearer;
}""",
    """
varying vec3 v_colour;
void main() { gl_FragColor = vec4(v_colour, 1.0); }""",
)


class GlCanvas(app.Canvas):  # type: ignore[misc]
    """Draws a scene as a camera sees it."""

    def __init__(self, scene: Scene, camera: Camera) -> None:
        app.use_app("pyside6")
        super().__init__(keys=None, vsync=False, config={"samples": 4, "depth_size": 24})
        self.scene, self.camera = scene, camera
        self._mesh = gloo.Program(*_MESH)
        self._spheres = gloo.Program(*_SPHERES)
        self._lines = gloo.Program(*_LINES)
        self._faces: Any = None
        self._sent: Any = None

    def redraw(self) -> None:
        """Draw anew."""
        self.update()

    def _send(self) -> None:
        """Hand the arrays of another scene over to the card."""
        scene = self.scene
        if len(scene.faces):
            self._mesh["a_place"] = gloo.VertexBuffer(scene.vertices)
            self._mesh["a_normal"] = gloo.VertexBuffer(scene.normals)
            self._mesh["a_colour"] = gloo.VertexBuffer(scene.colours)
            self._faces = gloo.IndexBuffer(scene.faces.astype(np.uint32))
        self._sent = scene

    def _view(self, width: float, height: float) -> Any:
        """Return vispy's matrix (rows are multiplied from the left) from mm to the cube of the card."""
        pixels = self.camera.matrix(width, height)
        reach = 4.0 * self.camera.radius
        full = np.eye(4, dtype=np.float32)
        full[0] = 2 * pixels[0] / width
        full[0, 3] -= 1
        full[1] = -2 * pixels[1] / height
        full[1, 3] += 1
        full[2] = -pixels[2] / reach
        return full.T

    def on_draw(self, event: Any) -> None:
        """Draw: what hides first, then glass."""
        del event
        scene = self.scene
        if self._sent is not scene:
            self._send()
        width, height = self.size
        wide, high = self.physical_size
        gloo.set_viewport(0, 0, wide, high)
        gloo.set_state(depth_test=True, blend=False, cull_face=False)
        gloo.clear(color=(*scene.ground, 1.0), depth=True)
        view = self._view(width, height)
        if len(scene.faces) and not scene.glass:
            self._draw_mesh(view)
        self._draw_spheres(view, scene.spheres, scene.sphere_radii, scene.sphere_colours)
        self._draw_lines(view, scene.starts, scene.ends, scene.line_colours, 0.0)
        if scene.rims.shape[1]:
            colours = np.tile(np.array(scene.rim_colour, np.float32), (scene.rims.shape[1], 1))
            self._draw_lines(view, scene.rims[0], scene.rims[1], colours, 1.0)
        if scene.place is not None:
            at = np.asarray(scene.place, float) + self.camera.eye() * 3.0
            self._draw_spheres(
                view,
                np.asarray(at, np.float32)[None],
                np.zeros(1, np.float32),
                np.array([PLACE_COLOUR], np.float32),
                least=5.0,
            )
        if len(scene.faces) and scene.glass:
            gloo.set_color_mask(red=False, green=False, blue=False, alpha=False)
            self._draw_mesh(
                view
            )  # its depth first, so that only what is nearest is laid over the rest
            gloo.set_color_mask(red=True, green=True, blue=True, alpha=True)
            gloo.set_state(blend=True, blend_func=("src_alpha", "one_minus_src_alpha"))
            gloo.set_depth_func("lequal")
            self._draw_mesh(view)
            gloo.set_depth_func("less")

    def _draw_mesh(self, view: Any) -> None:
        mesh = self._mesh
        mesh["u_view"] = view
        mesh["u_eye"] = self.camera.eye().astype(np.float32)
        mesh["u_light"], mesh["u_ambient"] = self.scene.light, AMBIENT
        mesh["u_glass"], mesh["u_dense"] = float(self.scene.glass), GLASS
        mesh.draw("triangles", self._faces)

    def _draw_spheres(
        self, view: Any, places: Any, radii: Any, colours: Any, least: float = 2.5
    ) -> None:
        if not len(places):
            return
        spheres, ratio = self._spheres, self.pixel_scale
        spheres["u_view"] = view
        spheres["u_scale"] = self.camera.scale(*self.size) * ratio
        spheres["u_least"] = least * ratio
        spheres["a_place"], spheres["a_colour"], spheres["a_radius"] = places, colours, radii
        spheres.draw("points")

    def _draw_lines(self, view: Any, starts: Any, ends: Any, colours: Any, nearer: float) -> None:
        if not len(starts):
            return
        lines = self._lines
        lines["u_view"] = view
        lines["u_nearer"] = nearer / (4.0 * self.camera.radius)
        lines["a_place"] = np.stack([starts, ends], axis=1).reshape(-1, 3).astype(np.float32)
        lines["a_colour"] = np.repeat(colours, 2, axis=0).astype(np.float32)
        lines.draw("lines")
