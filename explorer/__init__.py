"""Explorer: a self-hosted site that compares Flask and FastAPI topic by topic with code that runs."""
