# What the lab's web servers serve.

import os
import random

NGINX = """\
user root;
daemon off;
master_process off;
worker_rlimit_nofile 8192;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 4096; }}
http {{
	types {{ }}
	default_type application/octet-stream;
	log_format flow '$msec $remote_addr:$remote_port $status $request_uri'
	    ' $bytes_sent $request_completion';
	access_log {log};
	client_body_temp_path {dir}/body;
	proxy_temp_path {dir}/proxy;
	fastcgi_temp_path {dir}/fastcgi;
	uwsgi_temp_path {dir}/uwsgi;
	scgi_temp_path {dir}/scgi;
	sendfile on;
	keepalive_requests 1000000;
	add_header X-Server {name} always;
	server {{
		listen {port} backlog=4096 reuseport;
		listen [::]:{port} ipv6only=on backlog=4096 reuseport;
		root {www};
		location = / {{ return 200 "{name}\\n"; }}
		location /slow/ {{ alias {www}/; limit_rate {rate}; }}
	}}
}}
"""

FILES = {"128": 128, "1k": 1 << 10, "10k": 10 << 10, "100k": 100 << 10,
         "1m": 1 << 20, "4m": 4 << 20, "16m": 16 << 20}


def write_files(folder):
    """The files of FILES: noise, the same in every lab."""
    os.mkdir(folder, 0o755)
    noise = random.Random(1).randbytes(max(FILES.values()))
    for name, size in FILES.items():
        with open(f"{folder}/{name}", "wb") as file:
            file.write(noise[:size])
