# two processes with an event loop each
exec uvicorn --host 127.0.0.1 --port 8000 \
  --workers 2 app:app
