# shellcheck shell=bash disable=SC2034
ABOUT="KDC proxy (MS-KKDCP, python3-kdcproxy) for MIT.TEST on https://localhost:1443/KdcProxy, authority $LAB_DIR/ca/ca.crt"

target_up() {
  "$LAB/up" mit-kdc
  apt_need python3-kdcproxy openssl
  lab_cert kdcproxy.lab.test
  printf '[MIT.TEST]\nkerberos = kerberos+tcp://127.0.0.1:1088\n' >"$STATE/kdcproxy.conf"
  cat >"$STATE/serve.py" <<'EOF'
import ssl, sys, kdcproxy
from wsgiref.simple_server import make_server
server = make_server("127.0.0.1", 1443, kdcproxy.Application())
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
EOF
  KDCPROXY_CONFIG=$STATE/kdcproxy.conf daemon proxy \
    /usr/bin/python3 "$STATE/serve.py" "$LAB_DIR/ca/kdcproxy.lab.test.crt" "$LAB_DIR/ca/kdcproxy.lab.test.key"
  wait_tcp 127.0.0.1 1443
}

target_check() {
  curl -fsS --cacert "$LAB_DIR/ca/ca.crt" -o /dev/null -w '%{http_code}\n' https://localhost:1443/KdcProxy || true
}
