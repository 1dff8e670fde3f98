"""The kernel that every part of mall-footfall may import, and the composition root (CLI, jobs, sample scene)."""

__version__ = "0.1.0"
