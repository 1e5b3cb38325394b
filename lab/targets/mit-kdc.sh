# shellcheck shell=bash disable=SC2034
ABOUT="MIT KDC for the realms MIT.TEST, OTHER.TEST and THIRD.TEST, each known to the one before, on 127.0.0.1:1088; use KRB5_CONFIG=$LAB_DIR/mit-kdc/krb5.conf"

kadm() { kadmin.local -r "${REALM:-MIT.TEST}" -q "$1" >>"$STATE/kadmin.log" 2>&1; }

# Accounts in every state a KDC can refuse, or with keys of one type only.
odd_accounts() {
  kadm "addprinc -pw $ALICE_PASS +requires_preauth proof"
  kadm "addprinc -pw $ALICE_PASS +requires_hwauth card"
  kadm "addprinc -pw $ALICE_PASS -allow_tix disabled"
  kadm "addprinc -pw $ALICE_PASS -expire yesterday expired"
  kadm "addprinc -pw $ALICE_PASS -pwexpire yesterday stale"
  kadm 'addpol -maxfailure 2 -failurecountinterval 1h -lockoutduration 1h guarded'
  kadm "addprinc -pw $ALICE_PASS -policy guarded +requires_preauth guarded"
  local etype
  for etype in aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha1-96 aes128-cts-hmac-sha256-128 aes256-cts-hmac-sha384-192; do
    kadm "addprinc -pw $ALICE_PASS -e $etype:normal +requires_preauth $etype"
    kadm "addprinc -randkey -e $etype:normal host/$etype.mit.test"
    kadm "ktadd -norandkey -k $STATE/gss.keytab host/$etype.mit.test"
  done
  kadm "addprinc -pw $ALICE_PASS -e camellia256-cts-cmac:normal camellia"
  kadm "setstr krbtgt/MIT.TEST session_enctypes aes256-cts-hmac-sha384-192,aes128-cts-hmac-sha256-128,aes256-cts-hmac-sha1-96,aes128-cts-hmac-sha1-96"
}

# A second realm that the first one's people may go to.
other_realm() {
  kdb5_util create -r OTHER.TEST -s -P lab-master >>"$STATE/kadmin.log" 2>&1
  kadm 'addprinc -pw lab-trust krbtgt/OTHER.TEST@MIT.TEST'
  REALM=OTHER.TEST kadm 'addprinc -pw lab-trust krbtgt/OTHER.TEST@MIT.TEST'
  REALM=OTHER.TEST kadm 'addprinc -randkey host/far.other.test'
  REALM=OTHER.TEST kadm "ktadd -k $STATE/other.keytab host/far.other.test"
  # A person by the name she has where she is sent here from (samba-ad's trusted forest).
  REALM=OTHER.TEST kadm "addprinc -pw $ALICE_PASS +requires_preauth nina\\@other.test"
}

# A third one that only the second knows: the first one's people get there by way of it.
third_realm() {
  kdb5_util create -r THIRD.TEST -s -P lab-master >>"$STATE/kadmin.log" 2>&1
  REALM=OTHER.TEST kadm 'addprinc -pw lab-trust-2 krbtgt/THIRD.TEST@OTHER.TEST'
  REALM=THIRD.TEST kadm 'addprinc -pw lab-trust-2 krbtgt/THIRD.TEST@OTHER.TEST'
  REALM=THIRD.TEST kadm 'addprinc -randkey host/deep.third.test'
  REALM=THIRD.TEST kadm "ktadd -k $STATE/third.keytab host/deep.third.test"
}

target_up() {
  apt_need krb5-kdc krb5-admin-server krb5-user krb5-gss-samples curl
  export KRB5_CONFIG=$STATE/krb5.conf KRB5_KDC_PROFILE=$STATE/kdc.conf
  cat >"$STATE/krb5.conf" <<EOF
[libdefaults]
  default_realm = MIT.TEST
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
[realms]
  MIT.TEST = {
    kdc = 127.0.0.1:1088
  }
  OTHER.TEST = {
    kdc = 127.0.0.1:1088
  }
  THIRD.TEST = {
    kdc = 127.0.0.1:1088
  }
[capaths]
  MIT.TEST = {
    THIRD.TEST = OTHER.TEST
  }
[domain_realm]
  third.test = THIRD.TEST
  .third.test = THIRD.TEST
  other.test = OTHER.TEST
  .other.test = OTHER.TEST
  mit.test = MIT.TEST
  .mit.test = MIT.TEST
EOF
  cat >"$STATE/kdc.conf" <<EOF
[kdcdefaults]
  kdc_listen = 127.0.0.1:1088
  kdc_tcp_listen = 127.0.0.1:1088
[realms]
  MIT.TEST = {
    database_name = $STATE/principal
    key_stash_file = $STATE/stash
    acl_file = $STATE/kadm5.acl
  }
  OTHER.TEST = {
    database_name = $STATE/other-principal
    key_stash_file = $STATE/other-stash
    acl_file = $STATE/kadm5.acl
  }
  THIRD.TEST = {
    database_name = $STATE/third-principal
    key_stash_file = $STATE/third-stash
    acl_file = $STATE/kadm5.acl
  }
[logging]
  kdc = FILE:$STATE/kdc-requests.log
EOF
  touch "$STATE/kadm5.acl"
  if [ ! -e "$STATE/third.keytab" ]; then
    rm -f "$STATE"/*principal* "$STATE"/*stash "$STATE"/*.keytab
    kdb5_util create -r MIT.TEST -s -P lab-master >"$STATE/kadmin.log" 2>&1
    kadm "addprinc -pw $ALICE_PASS alice"
    kadm "addprinc -pw $BOB_PASS bob"
    kadm 'addprinc -randkey TERMSRV/rdp.mit.test'
    kadm 'addprinc -randkey host/ssh.mit.test'
    kadm 'addprinc -randkey HTTP/gate.mit.test'
    kadm "ktadd -k $STATE/http.keytab HTTP/gate.mit.test"
    kadm "ktadd -k $STATE/ssh.keytab host/ssh.mit.test"
    kadm "ktadd -k $STATE/rdp.keytab TERMSRV/rdp.mit.test"
    odd_accounts
    other_realm
    third_realm
  fi
  daemon kdc krb5kdc -n -r MIT.TEST -r OTHER.TEST -r THIRD.TEST
  wait_tcp 127.0.0.1 1088
}

target_check() {
  export KRB5_CONFIG=$STATE/krb5.conf KRB5CCNAME=FILE:$STATE/check.cc
  printf '%s\n' "$ALICE_PASS" | kinit alice >/dev/null
  kvno TERMSRV/rdp.mit.test
  klist
}
