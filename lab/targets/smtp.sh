# shellcheck shell=bash disable=SC2034
ABOUT='Exim on 127.0.0.1:2525 (STARTTLS demanded) and 2465 (TLS), log-in poterne / smtp-Passw0rd; mail in $LAB_DIR/smtp/mail'

# Takes mail for lab.test from whoever logged in; refused@lab.test is refused for good, later@lab.test for now.
target_up() {
  apt_need exim4-daemon-light openssl
  lab_cert smtp.lab.test
  rm -rf "$STATE/mail" "$STATE/spool"
  install -d -m 755 -o Debian-exim -g Debian-exim "$STATE/mail" "$STATE/spool"
  install -m 640 -g Debian-exim "$LAB_DIR/ca/smtp.lab.test.crt" "$STATE/tls.crt"
  install -m 640 -g Debian-exim "$LAB_DIR/ca/smtp.lab.test.key" "$STATE/tls.key"
  cat >"$STATE/exim.conf" <<EOF
primary_hostname = smtp.lab.test
spool_directory = $STATE/spool
log_file_path = $STATE/spool/%slog
daemon_smtp_ports = 2525 : 2465
tls_on_connect_ports = 2465
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = $STATE/tls.crt
tls_privatekey = $STATE/tls.key
auth_advertise_hosts = \${if eq{\$tls_in_cipher}{}{}{*}}
deliver_drop_privilege = true
never_users =
acl_smtp_mail = check_mail
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
begin acl
check_mail:
  deny message = STARTTLS first
    !encrypted = *
  deny message = log in first
    !authenticated = *
  accept
check_rcpt:
  deny message = no such mailbox here
    recipients = refused@lab.test
  defer message = mailbox busy, try again later
    recipients = later@lab.test
  accept domains = lab.test
  deny message = relaying denied
begin routers
keep:
  driver = accept
  transport = keep
begin transports
keep:
  driver = appendfile
  directory = $STATE/mail
  create_directory = true
  maildir_format = true
  user = Debian-exim
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{poterne}}{eq{\$auth3}{smtp-Passw0rd}}}}
  server_set_id = \$auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{\$auth1}{poterne}}{eq{\$auth2}{smtp-Passw0rd}}}}
  server_set_id = \$auth1
EOF
  chmod 644 "$STATE/exim.conf"
  daemon exim runuser -u Debian-exim -- exim4 -C "$STATE/exim.conf" -bdf -q1m -oP "$STATE/spool/exim.pid"
  wait_tcp 127.0.0.1 2525
  wait_tcp 127.0.0.1 2465
}

target_check() {
  local at=(--cacert "$LAB_DIR/ca/ca.crt" --resolve smtp.lab.test:2525:127.0.0.1 smtp://smtp.lab.test:2525)
  printf 'From: gate@lab.test\r\nSubject: lab check\r\n\r\nhello\r\n' >"$STATE/check.eml"
  curl -sS --ssl-reqd "${at[@]}" --user poterne:smtp-Passw0rd --mail-from gate@lab.test \
    --mail-rcpt alice@lab.test -T "$STATE/check.eml"
  wait_for 5 'the delivered message' sh -c "ls '$STATE/mail/new' | grep -q ."
  ! curl -s "${at[@]}" --mail-from gate@lab.test --mail-rcpt alice@lab.test -T "$STATE/check.eml"
}
