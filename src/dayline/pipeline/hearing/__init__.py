"""What hearing a recording needs: child processes, speakers, scripts instead of sound."""
