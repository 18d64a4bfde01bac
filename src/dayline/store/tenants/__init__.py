"""Who uses the installation: partners, keys, orgs, reps, playbooks, prompts, uploads."""
