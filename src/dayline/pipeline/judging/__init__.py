"""What judging a conversation needs: the team's guidance, the analysis row, its outcome."""
