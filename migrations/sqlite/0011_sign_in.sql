-- A second step of signing in. totp is the sealed secret, empty without;
-- totp_step the newest 30 s step whose code was used, so that none serves twice.
ALTER TABLE users ADD COLUMN totp BLOB NOT NULL DEFAULT x'';
ALTER TABLE users ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;

-- SHA-256 of codes for who has lost the phone; each serves once.
CREATE TABLE recovery_codes (
  user TEXT NOT NULL REFERENCES users,
  hash TEXT NOT NULL,
  used INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (user, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE passkeys (
  id         TEXT PRIMARY KEY, -- hexadecimal credential id
  user       TEXT NOT NULL REFERENCES users,
  name       TEXT NOT NULL,
  credential TEXT NOT NULL, -- public key, counter, flags; JSON
  created    INTEGER NOT NULL,
  used       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX passkeys_user ON passkeys (user);

-- Accounts elsewhere (OpenID Connect) that open an account here.
CREATE TABLE identities (
  issuer  TEXT NOT NULL,
  subject TEXT NOT NULL,
  user    TEXT NOT NULL REFERENCES users,
  created INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

-- Sign-ins half way: what the server must remember between two pages.
CREATE TABLE sign_in_steps (
  hash    TEXT PRIMARY KEY, -- SHA-256 of the cookie's token
  kind    TEXT NOT NULL,
  user    TEXT NOT NULL,
  body    TEXT NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
