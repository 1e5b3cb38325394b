# shellcheck shell=bash disable=SC2034
ABOUT='OpenSSH on 127.0.0.1:2204 and 2205 as jump hosts: bob by password, forwarding only, to the lab'"'"'s sshd'

target_up() {
  apt_need openssh-server openssh-client
  lab_users
  local port
  mkdir -p /run/sshd
  for port in 2204 2205; do
    [ -e "$STATE/host_$port" ] || ssh-keygen -q -t ed25519 -N '' -C "jump $port" -f "$STATE/host_$port"
    cat >"$STATE/sshd_config.$port" <<EOF
ListenAddress 127.0.0.1:$port
HostKey $STATE/host_$port
PidFile none
UsePAM yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
PubkeyAuthentication no
AllowUsers bob
AllowTcpForwarding local
PermitOpen 127.0.0.1:2201 127.0.0.1:2205
PermitTTY no
ForceCommand /bin/false
EOF
    daemon "sshd-$port" /usr/sbin/sshd -D -e -f "$STATE/sshd_config.$port"
    wait_tcp 127.0.0.1 "$port"
  done
}

target_check() {
  apt_need sshpass
  local o=(-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR)
  sshpass -p "$BOB_PASS" ssh "${o[@]}" -p 2201 -o ProxyCommand="sshpass -p $BOB_PASS ssh ${o[*]} -p 2204 -W %h:%p bob@127.0.0.1" \
    bob@127.0.0.1 'echo through the jump host as $(id -un)'
}
