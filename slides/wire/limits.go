package wire

import "time"

// Limits in bytes and counts. A screenshot is the largest thing a kiosk sends:
// a 1080p PNG of slides is 150–400 KB; JPEG is used above.
const (
	MaxFromKiosk  = 1 << 20
	MaxFromServer = 8 << 20  // a 4 MiB manifest in base64 and its inlined blobs
	MaxRequest    = 16 << 10 // a pairing or challenge body
	MaxBatch      = 64       // records in one "ratings"
	MaxBatchBytes = 512 << 10
	MaxGaps       = 64
	MaxPlays      = 500
	MaxFaults     = 20
	MaxDossiers   = 64 // sealed codes in one "dossiers"
	MaxScreenshot = 700 << 10
	MaxInline     = 16 << 10 // one inlined blob: a text slide
	MaxInlined    = 64 << 10 // all of one frame
)

// Times of the protocol.
const (
	CodeLife      = 10 * time.Minute // long enough to walk to a desk, short enough not to linger
	PollEvery     = 2 * time.Second
	ChallengeLife = 30 * time.Second
	HelloWithin   = 15 * time.Second
	// PingMin and PingMax bound the jittered ping: below common proxies' 60 s
	// idle time; the first comes after a random part, so that a mass reconnect
	// does not ping in step.
	PingMin      = 25 * time.Second
	PingMax      = 54 * time.Second
	ReadDeadline = 2 * PingMax
	WriteWithin  = 10 * time.Second
	FetchJitter  = 5 * time.Second
	// TokenLife outlives every connection: after ConnectionLife the server ends
	// one with CloseGoingAway, and the kiosk comes back for a new token.
	ConnectionLife = 7 * 24 * time.Hour
	TokenLife      = 2 * ConnectionLife
	// CloseWithin is how long the side that closes goes on reading: a socket
	// closed over unread bytes is reset, and a reset may overtake the close frame.
	CloseWithin  = 2 * time.Second
	BackoffBase  = 500 * time.Millisecond
	BackoffMax   = 30 * time.Second
	RetryMax     = 5 * time.Minute // the longest "retry_ms" that a kiosk follows
	HealthyAfter = time.Minute
	HealthEvery  = time.Minute
)

// Queues toward one kiosk: newest state collapses into one slot, commands wait in line.
const (
	MaxCommands = 32
)

// CloseCode is one way to end a connection.
type CloseCode struct {
	Code      int
	Name      string
	Reconnect bool
	Vi, En    string
}

// The codes that this protocol adds to RFC 6455's.
const (
	CloseGoingAway = 4000 // reason may carry {"retry_ms":n}
	CloseNoHello   = 4001
	CloseVersion   = 4002
	CloseReplaced  = 4003
	CloseTooLarge  = 4004
	CloseBadFrame  = 4005
	CloseSlow      = 4006
	CloseUnpaired  = 4007
	CloseTooMany   = 4008
	CloseServer    = 4009
)

// CloseCodes is the table that both sides share.
var CloseCodes = []CloseCode{
	{CloseGoingAway, "going-away", true, "Máy chủ đang khởi động lại; sẽ kết nối lại.", "The server is restarting; come back later."},
	{CloseNoHello, "no-hello", true, "Không nhận được lời chào trong 15 giây.", "No hello within 15 seconds."},
	{CloseVersion, "version", false, "Phiên bản giao thức không được hỗ trợ; hãy nâng cấp.", "The protocol version is not supported; upgrade."},
	{CloseReplaced, "replaced", false, "Một màn hình khác đang dùng cùng danh tính; màn hình mới nhất được giữ.", "Another screen uses the same identity; the newest is kept."},
	{CloseTooLarge, "too-large", true, "Bản tin vượt giới hạn.", "A frame was over its limit."},
	{CloseBadFrame, "bad-frame", true, "Bản tin không đọc được.", "A frame could not be read."},
	{CloseSlow, "slow", true, "Ki-ốt nhận chậm; hàng đợi đã đầy.", "The kiosk reads too slowly; its queue is full."},
	{CloseUnpaired, "unpaired", false, "Ki-ốt đã bị gỡ ghép nối.", "The kiosk is no longer paired."},
	{CloseTooMany, "too-many", true, "Gửi quá nhanh; hãy chờ.", "Too many frames; wait."},
	{CloseServer, "server-fault", true, "Máy chủ gặp lỗi.", "The server met a fault."},
}

// FindClose returns the row of a code; ok is false for a code that is not ours
// (reconnect then).
func FindClose(code int) (CloseCode, bool) {
	for _, c := range CloseCodes {
		if c.Code == code {
			return c, true
		}
	}
	return CloseCode{}, false
}
