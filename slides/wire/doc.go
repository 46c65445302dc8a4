// Package wire is the protocol between a kiosk and the server; this text is its
// specification. A kiosk can be written from it and package chain alone.
//
// # Conventions
//
// Bodies and frames are JSON in UTF-8. Byte strings are standard base64 (RFC
// 4648 §4), hashes of blobs lower-case hexadecimal. Times are milliseconds
// since 1970-01-01 UTC. Unknown fields are ignored; an unknown message type is
// answered with "unknown" and does not close the connection. Signatures are
// Ed25519 over a context string (see the Context constants, each ends in a zero
// byte) followed by the bytes in question. What is signed is carried as bytes
// ("signed" next to "sig") and must be kept and checked as it came, never
// written again.
//
// # Pairing
//
// The kiosk makes an Ed25519 key and posts PairRequest to PathPair; the
// signature covers ContextPair ‖ key ‖ nonce ‖ previous-kiosk-id. The server answers
// PairReply: a code of six characters from CodeAlphabet (no look-alikes), the
// moment at which it expires, a ticket for polling, the server's public key,
// and the address of the studio's approval page, which the kiosk shows as a QR
// beside the code. Both sides show the same six fingerprint words
// (chain.Words over both keys and the code); staff compare them before they
// approve. The code counts in the words because the server draws it only once it
// has the kiosk's key: see chain.Words. The kiosk gives up a request that is not
// answered within 20 s.
//
// The kiosk posts PollRequest to PathPoll every PollEvery with jitter; the
// signature covers ContextPoll ‖ ticket. PollReply says waiting, approved (with
// Identity, signed by the server under ContextIdentity), refused, or expired
// (ask for a new code). Approval happens once: a code is one key, a key one
// kiosk. Pairing again keeps the kiosk's id and starts a new chain; records of
// older chains still deliver, checked against the older key.
//
// # Connection
//
//  1. POST PathChallenge with ChallengeRequest {kiosk, nonce}. The server
//     answers ChallengeReply {nonce, now, sig}; sig covers ContextServer ‖
//     kiosk ‖ 0 ‖ client nonce ‖ server nonce ‖ now (8 bytes, big-endian). The
//     kiosk checks it with the key it keeps from pairing and stops here if it
//     is wrong.
//  2. GET PathSocket, upgrade, offering the subprotocol Subprotocol, with the header
//     Authorization: Motcua kiosk="…", client="<client nonce>", nonce="<server
//     nonce>", sig="…"; sig covers ContextKiosk ‖ kiosk ‖ 0 ‖ client nonce ‖ server nonce. The server
//     checks before it upgrades: 401 for a kiosk that is not paired with this
//     key, 409 for a nonce that has served or is older than ChallengeLife, 503
//     while it stops or is full. Only a 401 from a server that has just proved
//     itself means that the kiosk is no longer paired; after any other answer it
//     tries again.
//  3. The kiosk sends Hello within HelloWithin, else the server closes with
//     CloseNoHello.
//  4. The server sends Welcome (signed, bound to this connection by both
//     nonces), Settings (signed), and then Current or Manifest.
//  5. Either side may now send. The server pings; the kiosk answers pongs. Both
//     set a read deadline of ReadDeadline, renewed by any frame.
//
// # Messages of the server
//
// A frame is an Envelope. Signed types carry their payload in Signed.
//
//	welcome   signed  Welcome: who you are, the epoch, what the server has of your chains, a token for blobs
//	settings  signed  Settings: what is this kiosk's own
//	current           the kiosk's manifest is the newest
//	manifest  signed  the manifest's bytes themselves (slides.Manifest), small new blobs inlined in Blobs
//	command   signed  Command: reload, restart, screenshot, invite; answered by "done"
//	ack       signed  Ack: every record of the chain up to and with Seq is kept for good
//	time      signed  Time: answer to a "clock" of the kiosk
//	unknown           the type of a frame that this server does not know
//	error             Problem: the frame could not be used; the connection goes on
//
// A manifest is for a class of kiosks: the kiosk takes it only if its class is
// the one that the newest welcome or settings named, its epoch is the welcome's,
// and its revision is not below what it has in that epoch. The same revision with other bytes is a fork: refused and reported.
//
// # Messages of the kiosk
//
//	hello       Hello
//	ratings     Ratings: at most MaxBatch records of one chain in order of seq, a signed head over the newest
//	gaps        Gaps: signed gap records
//	letters     Ratings: likewise of a chain of letters (package letter)
//	letter-gaps Gaps: likewise
//	plays       Plays: what was shown, and whether citizens found it useful
//	health      Health, each minute, with the signed head
//	screenshot  Screenshot: answer to a command
//	done        Done: a command's outcome
//	clock       TimeRequest
//	dossiers    Dossiers: sealed codes of dossiers that have rated; answered by "done"
//
// Records of a chain are taken in order of seq without holes (a gap fills its
// range). A record already there with the same header is acknowledged again; one
// with another header is a fork: it is quarantined, shown to staff, and
// answered with "error" of kind "conflict", and the chain is not advanced by it.
// An Ack is sent only after the transaction that keeps the records is durable;
// one may come with an "error", and then says from where to go on. Ratings and
// gaps are answered in order; a kiosk sends the next batch of a chain after the
// answer to the last. A chain that the welcome does not name is unknown to this
// server: the kiosk keeps it and does not send it.
//
// A pairing has a second chain, of letters, under the same key: its id follows
// from the first one's (letter.ChainOf). It is kept, sent and acknowledged in the
// same way, apart from the ratings, and its heads know no finer time than the hour.
//
// # Phones
//
// With the key of its pairing a kiosk signs passes (NewPass) and shows them as a
// QR behind Terminal.Phone and PathRate or PathWrite. It needs no connection for
// that; the server takes each pass once.
//
// # Dossiers
//
// A dossier's code never travels in a rating or beside one. It is sealed on the
// kiosk to Settings' Terminal.Seal and comes in "dossiers", half a day to a day
// and a half after the first code of the batch, in random order; package dossier
// gives the reasons. The "done" of an invitation says that the question is on the
// screen (or why not), never what was answered: the ticket and the moment of an
// answer would lead from a person to a rating.
//
// # Blobs
//
// Of the blobs inlined with a manifest a kiosk keeps those that the manifest
// names. The others are fetched: GET PathBlob+sha256 with Authorization: Bearer <token of the welcome>, Range
// requests allowed; the answer is immutable, its ETag the quoted hash. The
// kiosk waits a random part of FetchJitter before the first fetch after a push
// and checks size and hash before it uses a blob.
//
// # Closing
//
// CloseCodes is the table of codes. Where Reconnect is false the kiosk stops
// and says why on its screen (it goes on showing and taking ratings). Otherwise
// it dials again after full jitter rand(0, min(BackoffMax, BackoffBase·2ⁿ)), n reset after
// HealthyAfter of a live connection, or after the "retry_ms" of the close reason where it
// names one. Who closes sends the close frame last, and reads on for CloseWithin
// or until the other side has closed.
//
// # Limits
//
// See the Max constants; a frame over its limit closes with CloseTooLarge. A
// kiosk that sends faster than the server takes is slowed by TCP; one that sends
// other frames than good ratings, gaps and plays by the hundred in a second is
// closed with CloseTooMany.
package wire
