# shellcheck shell=bash disable=SC2034
ABOUT='rsyslogd on 127.0.0.1:6514, syslog over TLS (RFC 5425), everything received in $LAB_DIR/rsyslog/received'

target_up() {
  apt_need rsyslog rsyslog-gnutls openssl
  lab_cert syslog.lab.test
  cat >"$STATE/rsyslog.conf" <<EOF
global(
  workDirectory="$STATE"
  maxMessageSize="64k"
  defaultNetstreamDriver="gtls"
  defaultNetstreamDriverCAFile="$LAB_DIR/ca/ca.crt"
  defaultNetstreamDriverCertFile="$LAB_DIR/ca/syslog.lab.test.crt"
  defaultNetstreamDriverKeyFile="$LAB_DIR/ca/syslog.lab.test.key"
)
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon" maxSessions="50")
input(type="imtcp" address="127.0.0.1" port="6514" ruleset="all")
# What its own parser understood, so that a message it could not read shows.
template(name="fields" type="list") {
  property(name="pri") constant(value="|") property(name="hostname") constant(value="|")
  property(name="app-name") constant(value="|") property(name="procid") constant(value="|")
  property(name="msgid") constant(value="|") property(name="structured-data") constant(value="|")
  property(name="msg") constant(value="\n")
}
ruleset(name="all") { action(type="omfile" file="$STATE/received" template="fields") }
EOF
  daemon rsyslogd rsyslogd -n -f "$STATE/rsyslog.conf" -i "$STATE/rsyslogd.lock"
  wait_tcp 127.0.0.1 6514
}

target_check() {
  printf '<110>1 2026-11-21T08:00:00.000Z lab check - test - hello from the lab' >"$STATE/message"
  { printf '%d ' "$(wc -c <"$STATE/message")"; cat "$STATE/message"; sleep 1; } |
    timeout 5 openssl s_client -quiet -no_ign_eof -verify_return_error -CAfile "$LAB_DIR/ca/ca.crt" -connect 127.0.0.1:6514 >/dev/null 2>&1 || true
  wait_for 5 'the message' grep -q '|lab|check|-|test|-|hello from the lab' "$STATE/received"
}
