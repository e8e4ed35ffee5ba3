# Gunicorn's own ASGI worker, without Uvicorn
exec gunicorn --bind 127.0.0.1:8000 \
  --workers 2 -k asgi \
  --no-control-socket app:app
