# Gunicorn keeps the processes, Uvicorn serves
exec gunicorn --bind 127.0.0.1:8000 \
  --workers 2 -k uvicorn_worker.UvicornWorker \
  --no-control-socket app:app
