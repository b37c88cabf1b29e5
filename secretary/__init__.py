"""Wire the project together: settings, entry points, and the kernel that every app may import."""
