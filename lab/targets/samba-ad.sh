# shellcheck shell=bash disable=SC2034
ABOUT="Samba AD DC for LAB.TEST on 127.0.0.10: LDAP 389, LDAPS 636, Kerberos 88; use KRB5_CONFIG=$LAB_DIR/samba-ad/krb5.conf"
AD_ADDR=127.0.0.10
AD_PASS='Admin-Passw0rd'

tool() { samba-tool "$@" -s "$STATE/dc/etc/smb.conf" >>"$STATE/provision.log" 2>&1; }

# A forest that LAB.TEST trusts, as far as it takes to be sent there: names that end in it are its own (mit-kdc has it).
trusted_forest() {
  ldbadd -H "$STATE/dc/private/sam.ldb" --controls=relax:0 >>"$STATE/provision.log" <<EOF
dn: CN=other.test,CN=System,DC=lab,DC=test
objectClass: trustedDomain
flatName: OTHER
trustPartner: other.test
trustDirection: 3
trustType: 2
trustAttributes: 8
securityIdentifier: S-1-5-21-1111111111-2222222222-3333333333
EOF
}

provision() {
  rm -rf "$STATE/dc"
  mkdir -p "$STATE/dc"
  samba-tool domain provision --realm=LAB.TEST --domain=LAB --server-role=dc --dns-backend=SAMBA_INTERNAL \
    --host-name=dc1 --host-ip=$AD_ADDR --adminpass="$AD_PASS" --targetdir="$STATE/dc" \
    --option="interfaces=$AD_ADDR/8" --option='bind interfaces only=yes' --option='dns forwarder=' \
    --option='posix:eadb='"$STATE/dc/eadb.tdb" >"$STATE/provision.log" 2>&1
  tool domain passwordsettings set --complexity=off --history-length=0 --min-pwd-age=0 --max-pwd-age=0
  tool user create alice "$ALICE_PASS" --mail-address=alice@lab.test
  tool user create bob "$BOB_PASS" --mail-address=bob@lab.test
  tool user create carol 'carol-Passw0rd'
  tool user create gate 'gate-Passw0rd'
  # People a domain turns away, each for its own reason.
  tool user create dan 'odd-Passw0rd'
  tool user disable dan
  tool user create eve 'odd-Passw0rd' --must-change-at-next-login
  tool user create fay 'odd-Passw0rd'
  tool user setexpiry fay --days=-1
  tool group add Operators
  tool group addmembers Operators alice,bob
  tool group addmembers 'Protected Users' carol
  # A Windows-like terminal server and web gate: accounts with service names.
  tool computer create rdp
  tool user setpassword 'rdp$' --newpassword='rdp-machine-Passw0rd'
  tool spn add TERMSRV/rdp.lab.test 'rdp$'
  tool spn add TERMSRV/rdp 'rdp$'
  tool spn add HTTP/gate.lab.test gate
  # AES tickets only, as a hardened domain has them.
  local dn
  for dn in CN=rdp,CN=Computers CN=gate,CN=Users; do
    printf 'dn: %s,DC=lab,DC=test\nchangetype: modify\nreplace: msDS-SupportedEncryptionTypes\nmsDS-SupportedEncryptionTypes: 24\n\n' "$dn"
  done | ldbmodify -H "$STATE/dc/private/sam.ldb" >>"$STATE/provision.log"
  # One that was forgotten: RC4 is all its account allows.
  tool computer create old
  tool user setpassword 'old$' --newpassword='old-machine-Passw0rd'
  tool spn add TERMSRV/old.lab.test 'old$'
  trusted_forest
  tool domain exportkeytab "$STATE/rdp.keytab" --principal='rdp$'
  tool domain exportkeytab "$STATE/rdp.keytab" --principal=TERMSRV/rdp.lab.test
  tool domain exportkeytab "$STATE/http.keytab" --principal=HTTP/gate.lab.test
  touch "$STATE/provisioned-3"
}

target_up() {
  apt_need samba samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind ldb-tools krb5-user ldap-utils
  lab_cert dc1.lab.test
  [ -e "$STATE/provisioned-3" ] || provision
  cat >"$STATE/krb5.conf" <<EOF
[libdefaults]
  default_realm = LAB.TEST
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
[realms]
  LAB.TEST = {
    kdc = $AD_ADDR:88
    kpasswd_server = $AD_ADDR:464
  }
[domain_realm]
  lab.test = LAB.TEST
  .lab.test = LAB.TEST
EOF
  install -m 600 "$LAB_DIR/ca/dc1.lab.test.key" "$STATE/dc/private/tls/key.pem"
  cp "$LAB_DIR/ca/dc1.lab.test.crt" "$STATE/dc/private/tls/cert.pem"
  cp "$LAB_DIR/ca/ca.crt" "$STATE/dc/private/tls/ca.pem"
  daemon samba samba --foreground --no-process-group --configfile="$STATE/dc/etc/smb.conf" --debug-stdout -d1
  local p
  for p in 53 88 389 636; do wait_tcp $AD_ADDR $p 60; done
}

target_check() {
  export KRB5_CONFIG=$STATE/krb5.conf KRB5CCNAME=FILE:$STATE/check.cc
  LDAPTLS_CACERT=$LAB_DIR/ca/ca.crt ldapsearch -LLL -x -H ldaps://$AD_ADDR -D alice@lab.test -w "$ALICE_PASS" \
    -b dc=lab,dc=test '(sAMAccountName=carol)' memberOf
  printf '%s\n' "$ALICE_PASS" | kinit alice >/dev/null
  kvno TERMSRV/rdp.lab.test
  klist -e
}
