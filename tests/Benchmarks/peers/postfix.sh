#!/bin/sh
# Postfix on 127.0.0.1:PORT, which delivers to mailboxes in files, unsealed, in the foreground: postfix.sh FOLDER PORT
set -eu
folder=$1 port=$2
mkdir -p "$folder/configuration" "$folder/queue" "$folder/data" "$folder/mail"
chmod 711 "$folder"
chown postfix "$folder/data"
chown nobody:nogroup "$folder/mail"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=peer.example -keyout "$folder/key.pem" -out "$folder/certificate.pem"
cat >"$folder/configuration/main.cf" <<END
compatibility_level = 3.6
queue_directory = $folder/queue
data_directory = $folder/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = peer.example
mydestination =
virtual_mailbox_domains = bench.example
virtual_mailbox_base = $folder/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 100
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_cert_file = $folder/certificate.pem
smtpd_tls_key_file = $folder/key.pem
alias_maps =
alias_database =
maillog_file = $folder/log
maillog_file_prefixes = $folder
END
cat >"$folder/configuration/master.cf" <<END
127.0.0.1:$port inet n - n - - smtpd
pickup unix n - n 60 1 pickup
tlsmgr unix - - n 1000? 1 tlsmgr
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
END
exec postfix -c "$folder/configuration" start-fg
