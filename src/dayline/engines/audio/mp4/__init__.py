"""Plain m4a files read by their own index: FFmpeg's copy of it grows by 12 MB per hour, this one by half of one."""
