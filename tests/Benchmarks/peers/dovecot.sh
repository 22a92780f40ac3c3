#!/bin/sh
# Dovecot's LMTP on 127.0.0.1:PORT, which seals every message it keeps with mail_crypt, in the foreground: dovecot.sh FOLDER PORT
set -eu
folder=$1 port=$2
openssl ecparam -name prime256v1 -genkey -noout | openssl pkey -out "$folder/private.pem"
openssl pkey -in "$folder/private.pem" -pubout -out "$folder/public.pem"
chmod 644 "$folder"/*.pem
chmod 711 "$folder"
mkdir -p "$folder/mail"
chown nobody:nogroup "$folder/mail"
cat >"$folder/dovecot.conf" <<END
base_dir = $folder/run
state_dir = $folder/state
log_path = $folder/log
protocols = lmtp
ssl = no
mail_location = maildir:$folder/mail/%u
mail_fsync = always
first_valid_uid = 1
mail_plugins = mail_crypt
passdb {
  driver = static
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$folder/mail/%u allow_all_users=yes
}
service lmtp {
  process_limit = 100
  inet_listener lmtp {
    address = 127.0.0.1
    port = $port
  }
}
service anvil {
  client_limit = 2000
}
plugin {
  mail_crypt_global_private_key = <$folder/private.pem
  mail_crypt_global_public_key = <$folder/public.pem
  mail_crypt_save_version = 2
}
END
exec dovecot -F -c "$folder/dovecot.conf"
