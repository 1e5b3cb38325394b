# shellcheck shell=bash disable=SC2034
ABOUT="OpenSSH on 127.0.0.1:2203 that lets alice in by a user certificate of $LAB_DIR/sshd-cert/ca only"

target_up() {
  apt_need openssh-server openssh-client
  lab_users
  local k
  for k in host_ed25519 ca; do
    [ -e "$STATE/$k" ] || ssh-keygen -q -t ed25519 -N '' -C "$k" -f "$STATE/$k"
  done
  for k in ed25519 rsa ecdsa; do
    [ -e "$STATE/user_$k" ] || ssh-keygen -q -t "$k" -N '' -C "user_$k" -f "$STATE/user_$k"
    rm -f "$STATE/user_$k-cert.pub" "$STATE/expired_$k-cert.pub"
    ssh-keygen -q -s "$STATE/ca" -I "expired $k" -n alice -V 20200101:20200102 "$STATE/user_$k.pub"
    mv "$STATE/user_$k-cert.pub" "$STATE/expired_$k-cert.pub"
    ssh-keygen -q -s "$STATE/ca" -I "lab $k" -n alice -V +52w "$STATE/user_$k.pub"
  done
  mkdir -p /run/sshd
  cat >"$STATE/sshd_config" <<EOF
ListenAddress 127.0.0.1:2203
HostKey $STATE/host_ed25519
PidFile none
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication no
TrustedUserCAKeys $STATE/ca.pub
AuthorizedKeysFile none
StrictModes no
AllowUsers alice
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
EOF
  daemon sshd /usr/sbin/sshd -D -e -f "$STATE/sshd_config"
  wait_tcp 127.0.0.1 2203
}

target_check() {
  local o=(-F none -p 2203 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o IdentitiesOnly=yes) k
  for k in ed25519 rsa ecdsa; do
    ssh "${o[@]}" -i "$STATE/user_$k" alice@127.0.0.1 "echo $k certificate as \$(id -un)"
  done
}
