"""The project: settings, wiring, and the kernel that every app may import."""
