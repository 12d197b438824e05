"""How the web process listens. Over plain http only on loopback: anything else needs TLS in front (FENGLI_TLS=1)."""

import ipaddress
import os

bind = os.environ.get("FENGLI_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("FENGLI_WORKERS", "2"))
threads = 4
timeout = 60
graceful_timeout = 10
loglevel = "warning"
accesslog = None
control_socket_disable = True
limit_request_line = 4094
limit_request_fields = 64
forwarded_allow_ips = os.environ.get("FENGLI_PROXY", "127.0.0.1")


def on_starting(server):
    host = bind.rsplit(":", 1)[0].strip("[]")
    loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    if not loopback and os.environ.get("FENGLI_TLS") != "1":
        raise SystemExit(f"Fengli does not listen on {bind} without TLS in front. Set FENGLI_TLS=1 where it stands.")


def post_worker_init(worker):
    """Each worker tests the database's guards before it serves; its exit status 3 ends the whole server."""
    from record.selftest import or_exit

    or_exit(worker.wsgi)
