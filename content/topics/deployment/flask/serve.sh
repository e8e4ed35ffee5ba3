# two processes with four threads each
exec gunicorn --bind 127.0.0.1:5000 \
  --workers 2 --threads 4 \
  --no-control-socket app:app
