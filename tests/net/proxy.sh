#!/bin/sh
# examples/proxy in front of three nginx under wrk, one of them killed: only
# what the killed one held may fail. In namespaces of its own.
set -u

if [ "${1:-}" != inside ]; then
	for need in unshare ip ss nginx wrk curl; do
		command -v $need >/dev/null || PATH=$PATH:/usr/sbin:/sbin
		command -v $need >/dev/null && continue
		echo "1..0 # SKIP needs $need: apt install util-linux" \
			"iproute2 nginx-light wrk curl"
		exit 0
	done
	export PATH
	# all that is started in there dies with the first of it
	set -- -n -p -f --kill-child --mount-proc
	[ "$(id -u)" -eq 0 ] || set -- -r "$@"
	if ! unshare "$@" true 2>/dev/null; then
		echo "1..0 # SKIP needs namespaces:" \
			"sysctl kernel.unprivileged_userns_clone=1"
		exit 0
	fi
	exec timeout -k 5 120 unshare "$@" "$0" inside
fi

top=${top_builddir:-.}
work=$(mktemp -d) || exit 1
connections=48
number=0

trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

fact() { # fact RESULT TEXT...
	number=$((number + 1))
	result=$1
	shift
	if [ "$result" -eq 0 ]; then
		echo "ok $number - $*"
	else
		echo "not ok $number - $*"
	fi
}

server() { # server N: nginx number N at port 800N
	mkdir -p "$work/$1"
	cat >"$work/$1/nginx.conf" <<-END
		worker_processes 1;
		pid $work/$1.pid;
		error_log $work/$1/error.log;
		events { worker_connections 1024; }
		http {
			access_log off;
			keepalive_requests 100000;
			client_body_temp_path $work/$1;
			proxy_temp_path $work/$1;
			fastcgi_temp_path $work/$1;
			uwsgi_temp_path $work/$1;
			scgi_temp_path $work/$1;
			server {
				listen 127.0.0.1:800$1;
				location /slow { limit_rate 100k; }
				root $work/files;
				add_header Server-Number $1;
			}
		}
	END
	nginx -p "$work/$1" -c "$work/$1/nginx.conf" \
		-e "$work/$1/error.log" 2>>"$work/$1/start.log" || return 1
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -s "$work/$1.pid" ] &&
			cat /proc/"$(cat "$work/$1.pid")"/task/*/children \
				2>/dev/null | tr -d ' ' >"$work/$1/worker"
		[ -s "$work/$1/worker" ] && return 0
		sleep 0.2
	done
	return 1
}

kill_server() { # master and worker at once, as a machine that dies
	kill -9 "$(cat "$work/$1.pid")" "$(cat "$work/$1/worker")"
	rm -f "$work/$1.pid"
}

# wrk's figures, one "name value" a line
cat >"$work/count.lua" <<'END'
done = function(summary, latency, requests)
	local e = summary.errors
	print("requests " .. summary.requests)
	print("failed " .. (e.connect + e.read + e.write + e.timeout))
	print("status " .. e.status)
end
END

value() { awk -v n="$1" '$1 == n { print $2 }' "$2"; }

load() { # load SECONDS FILE [HEADER]
	wrk -t 2 -c $connections -d "$1" --timeout 5s -s "$work/count.lua" \
		${3:+-H "$3"} http://127.0.0.1:8000/page >"$2" 2>&1
}

numbers() { # the servers that 12 connections at once see
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		curl -s -m 5 -o /dev/null -D "$work/head.$i" \
			http://127.0.0.1:8000/slow &
		echo $! >"$work/curl$i.pid"
	done
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		wait "$(cat "$work/curl$i.pid")"
		rm -f "$work/curl$i.pid"
	done
	cat "$work"/head.* | awk '/^Server-Number/ { print $2 + 0 }' |
		sort -u | tr '\n' ' '
	rm -f "$work"/head.*
}

held() { # connections that server N has
	ss -Htn state established "dport = :800$1" | wc -l
}

echo 1..13
ip link set lo up || exit 1
mkdir "$work/files"
chmod 755 "$work" "$work/files"
head -c 3000 /dev/urandom >"$work/files/page"
head -c 40000 /dev/urandom >"$work/files/slow"
head -c 8000000 /dev/urandom >"$work/files/big"
for n in 1 2 3; do
	server $n || cat "$work/$n/start.log" >&2
done

"$top/examples/proxy" 127.0.0.1:8000 127.0.0.1:8001 127.0.0.1:8002 \
	127.0.0.1:8003 2>"$work/log" &
echo $! >"$work/proxy.pid"
sleep 0.5

[ "$(numbers)" = "1 2 3 " ]
fact $? "all three servers get connections"

curl -s -m 20 http://127.0.0.1:8000/big | cmp -s - "$work/files/big"
fact $? "8 MB come through unchanged"

load 3s "$work/before"
[ "$(value requests "$work/before")" -gt 1000 ]
fact $? "requests are served ($(value requests "$work/before"))"
[ "$(value failed "$work/before") $(value status "$work/before")" = "0 0" ]
fact $? "none fails"

load 6s "$work/during" &
loader=$!
sleep 2
holds=$(held 2)
killed=$(date +%s%N)
kill_server 2
for _ in $(seq 100); do
	grep -q '8002 down' "$work/log" && break
	sleep 0.02
done
took=$((($(date +%s%N) - killed) / 1000000))
grep -q '8002 down' "$work/log"
fact $? "the killed server is taken out (after $took ms)"
wait $loader
failed=$(value failed "$work/during")
# twice: the kernel of a dying server may still accept for an instant
[ "$failed" -le $((2 * holds)) ]
fact $? "only what it held fails: $failed of" \
	"$(value requests "$work/during") requests, $holds connections"
[ "$(value status "$work/during")" = 0 ]
fact $? "none is answered wrongly"

load 2s "$work/after" "Connection: close"
[ "$(value failed "$work/after") $(value status "$work/after")" = "0 0" ]
fact $? "with it dead none of" \
	"$(value requests "$work/after") new connections fails"
[ "$(numbers)" = "1 3 " ]
fact $? "the other two get all"

server 2
for _ in $(seq 100); do
	grep -q '8002 up' "$work/log" && break
	sleep 0.05
done
[ "$(numbers)" = "1 2 3 " ]
fact $? "started again it gets connections again"

# a connection to a dead server is hidden even before the monitor notices
kill_server 3 # the newest: wlc asks it first when all are idle
# dead is who refuses: for an instant its kernel may accept what nobody serves
for _ in $(seq 100); do
	curl -s -m 1 -o /dev/null http://127.0.0.1:8003/page
	[ $? -eq 7 ] && break
done
bad=0
for i in 1 2 3 4 5 6; do
	curl -s -f -m 5 -o /dev/null http://127.0.0.1:8000/page ||
		bad=$((bad + 1))
done
[ $bad -eq 0 ]
fact $? "new connections survive a server that just died ($bad of 6 failed)"

open=$(find "/proc/$(cat "$work/proxy.pid")/fd" -type l | wc -l)
[ "$open" -lt 20 ]
fact $? "no descriptor is left of closed connections ($open open)"

kill "$(cat "$work/proxy.pid")"
wait "$(cat "$work/proxy.pid")"
fact $? "SIGTERM ends it cleanly"
rm -f "$work/proxy.pid"
