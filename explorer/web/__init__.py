"""The site over HTTP. The only place besides `app` that imports a web framework."""
