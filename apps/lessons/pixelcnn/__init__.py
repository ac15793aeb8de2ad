"""The PixelCNN lesson: one file a view."""
