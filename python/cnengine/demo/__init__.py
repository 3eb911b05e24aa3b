"""The main job on real data: the flights of New York in 2013, from log to live prediction."""
