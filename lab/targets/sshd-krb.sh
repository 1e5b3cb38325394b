# shellcheck shell=bash disable=SC2034
ABOUT='OpenSSH on 127.0.0.1:2206 that takes nothing but Kerberos tickets of MIT.TEST for host/ssh.mit.test (alice, bob); 2207 the same with the keytab of another service'

# name port keytab
krb_sshd() {
  cat >"$STATE/$1_config" <<EOF
ListenAddress 127.0.0.1:$2
HostKey $STATE/host_ed25519
PidFile none
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication no
GSSAPIAuthentication yes
GSSAPIStrictAcceptorCheck no
AllowUsers alice bob
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
EOF
  KRB5_CONFIG=$LAB_DIR/mit-kdc/krb5.conf KRB5_KTNAME=FILE:$LAB_DIR/mit-kdc/$3 \
    daemon "$1" /usr/sbin/sshd -D -e -o LogLevel=VERBOSE -f "$STATE/$1_config"
  wait_tcp 127.0.0.1 "$2"
}

target_up() {
  "$LAB/up" mit-kdc
  apt_need openssh-server openssh-client krb5-user
  lab_users
  [ -e "$STATE/host_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C host -f "$STATE/host_ed25519"
  mkdir -p /run/sshd
  krb_sshd sshd 2206 ssh.keytab
  krb_sshd other 2207 http.keytab
}

# OpenSSH's client makes the service's name of the host's, which no name here resolves to: a log-in by ticket is proved
# by tests/interop/ssh-kerberos.test.ts.
target_check() {
  export KRB5_CONFIG=$LAB_DIR/mit-kdc/krb5.conf KRB5CCNAME=FILE:$STATE/check.cc
  printf '%s\n' "$ALICE_PASS" | kinit alice >/dev/null
  kvno host/ssh.mit.test
  ssh -F none -p 2206 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o PreferredAuthentications=none \
    alice@127.0.0.1 true 2>&1 | grep gssapi-with-mic
}
