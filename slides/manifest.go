package slides

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Format is the manifest format that this program writes. A reader refuses a
// higher Major and keeps showing what it has; a higher Minor only adds fields.
const (
	FormatMajor = 1
	FormatMinor = 0
)

// MaxManifest bounds a manifest's bytes: 10,000 slides at about 110 bytes each
// with their playlists stay below it.
const MaxManifest = 4 << 20

// MaxContent bounds the bytes of all blobs that one manifest names: a kiosk
// keeps those of two, and has 4 GiB for them.
const MaxContent = 2 << 30

// BlobRef names bytes by their SHA-256 (lower-case hex).
type BlobRef struct {
	SHA  string `json:"sha256"`
	Size int64  `json:"size"`
	Type string `json:"type"` // MIME type
}

// SlideRef places a slide's blob in a manifest.
type SlideRef struct {
	ID   string `json:"id"`
	Blob string `json:"blob"`
}

// FontRef places a face.
type FontRef struct {
	Weight int    `json:"weight"`
	Blob   string `json:"blob"`
}

// SurveyRef places a questionnaire: shown where no later one of the list
// names the kiosk (format 1: the first one is the kiosk's).
type SurveyRef struct {
	ID   string `json:"id"`
	Blob string `json:"blob"`
}

// AudioRef places a recorded voice that says what a screen shows: an ogg or mp3
// file. Of names the screen: a view of the kiosk ("home", "rate"),
// "question:<questionnaire>:<question>", or "slide:<id>".
type AudioRef struct {
	Of   string `json:"of"`
	Lang string `json:"lang"` // BCP 47
	Blob string `json:"blob"`
}

// AudioTypes are the types of recorded voices.
var AudioTypes = []string{"audio/ogg", "audio/mpeg"}

// MaxAudio bounds the recordings of a manifest.
const MaxAudio = 5000

// Flip says when a pending manifest takes over.
type Flip string

// At the next slide boundary, or at once (emergency, recall).
const (
	AtBoundary Flip = "boundary"
	AtOnce     Flip = "now"
)

// Manifest is all that a class of kiosks needs to run for weeks alone. Its
// identity is the SHA-256 of its bytes as sent; they are kept verbatim and
// never written again.
type Manifest struct {
	Format struct {
		Major int `json:"major"`
		Minor int `json:"minor"`
	} `json:"format"`
	Class     string          `json:"class"` // the target: kiosks that see the same things
	Epoch     string          `json:"epoch"`
	Revision  int64           `json:"revision"`
	Issued    Millis          `json:"issued"`
	Flip      Flip            `json:"flip"`
	Zone      string          `json:"zone"`
	Languages []string        `json:"languages"`
	Unit      Text            `json:"unit"`
	UnitShort Text            `json:"unit_short,omitempty"`
	Office    Text            `json:"office"`
	UnitID    string          `json:"unit_id"`
	Logo      string          `json:"logo,omitempty"` // blob
	Theme     json.RawMessage `json:"theme"`          // scene.Theme
	Ticker    []SlideRef      `json:"ticker,omitempty"`
	Slides    []SlideRef      `json:"slides"`
	Playlists []Playlist      `json:"playlists"`
	Schedule  []Entry         `json:"schedule"`
	Calendars []Calendar      `json:"calendars,omitempty"`
	WorkDays  string          `json:"work_days,omitempty"` // of Calendars: the one that opening hours keep to
	Surveys   []SurveyRef     `json:"surveys"`
	Catalogue string          `json:"catalogue,omitempty"` // blob: the procedures
	Audio     []AudioRef      `json:"audio,omitempty"`
	Fonts     []FontRef       `json:"fonts"`
	Hosts     []string        `json:"qr_hosts"` // hosts that a QR may name
	Blobs     []BlobRef       `json:"blobs"`    // every blob reachable from here, sorted by SHA
}

// Working is the calendar that opening hours keep to, nil without one.
func (m *Manifest) Working() *Calendar {
	for i := range m.Calendars {
		if m.Calendars[i].ID == m.WorkDays && m.WorkDays != "" {
			return &m.Calendars[i]
		}
	}
	return nil
}

// Sum is the lower-case hexadecimal SHA-256 of b: a blob's or manifest's name.
func Sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// EncodeManifest writes m's bytes, the ones that give it its identity.
func EncodeManifest(m *Manifest) ([]byte, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return nil, E(Broken, "slides.EncodeManifest", "Không tạo được bản phát hành.", "The manifest can't be written.", err)
	}
	if len(b) > MaxManifest {
		return nil, E(TooLarge, "slides.EncodeManifest", "Bản phát hành quá lớn (tối đa 4 MiB); hãy giảm số trang.", "The manifest is too large (4 MiB at most); use fewer slides.", nil)
	}
	return b, nil
}

// ParseManifest reads and checks a manifest. Kind Newer means that a newer
// server wrote it: keep showing what is there.
func ParseManifest(b []byte) (*Manifest, error) {
	const op = "slides.ParseManifest"
	if len(b) > MaxManifest {
		return nil, E(TooLarge, op, "Bản phát hành quá lớn.", "The manifest is too large.", nil)
	}
	var head struct {
		Format struct{ Major int }
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, E(Invalid, op, "Không đọc được bản phát hành.", "The manifest can't be read.", err)
	}
	if head.Format.Major > FormatMajor {
		return nil, E(Newer, op,
			fmt.Sprintf("Bản phát hành dùng định dạng %d, ki-ốt này chỉ đọc được đến %d; hãy nâng cấp ki-ốt. Nội dung hiện có vẫn được chiếu.", head.Format.Major, FormatMajor),
			fmt.Sprintf("The manifest is of format %d, this kiosk reads up to %d; upgrade it. What it has goes on showing.", head.Format.Major, FormatMajor), nil)
	}
	var m Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, E(Invalid, op, "Không đọc được bản phát hành.", "The manifest can't be read.", err)
	}
	var p Problems
	m.check(&p)
	if err := p.Err(op); err != nil {
		return nil, err
	}
	return &m, nil
}

// check reports dangling names and impossible values.
func (m *Manifest) check(p *Problems) {
	if m.Format.Major < 1 {
		p.Add("format", "Thiếu số hiệu định dạng.", "The format number is missing.")
	}
	if m.Epoch == "" || m.Revision < 0 || m.Class == "" {
		p.Add("epoch", "Thiếu kỷ nguyên, số bản hoặc lớp ki-ốt.", "The epoch, revision or class is missing.")
	}
	if m.Flip != AtBoundary && m.Flip != AtOnce {
		p.Add("flip", "Cách chuyển không hợp lệ.", "The flip is not valid.")
	}
	if _, ok := zone(m.Zone); !ok {
		p.Add("zone", fmt.Sprintf("Múi giờ %q không có; viết như Asia/Ho_Chi_Minh.", m.Zone),
			fmt.Sprintf("There is no time zone %q; write one like Asia/Ho_Chi_Minh.", m.Zone))
	}
	blobs, types := map[string]bool{}, map[string]string{}
	for i, b := range m.Blobs {
		if !ValidSHA(b.SHA) || b.Size < 0 {
			p.Add(fmt.Sprintf("blobs.%d", i), "Mã tệp không hợp lệ.", "The blob's name is not valid.")
		}
		blobs[b.SHA], types[b.SHA] = true, b.Type
	}
	has := func(path, sha string) {
		if !blobs[sha] {
			p.Add(path, "Tệp không có trong danh sách tệp.", "The blob is not in the list of blobs.")
		}
	}
	ids := map[string]bool{}
	for i, s := range m.Slides {
		path := fmt.Sprintf("slides.%d", i)
		if !ValidID(s.ID) || ids[s.ID] {
			p.Add(path, "Mã trang trùng hoặc không hợp lệ.", "The slide id is doubled or not valid.")
		}
		ids[s.ID] = true
		has(path, s.Blob)
	}
	for i, s := range m.Ticker {
		has(fmt.Sprintf("ticker.%d", i), s.Blob)
	}
	m.checkSchedule(p, ids)
	for i, s := range m.Surveys {
		has(fmt.Sprintf("surveys.%d", i), s.Blob)
	}
	CheckAudio(m.Audio, p, "audio", func(sha string) (string, bool) { return types[sha], blobs[sha] })
	for i, f := range m.Fonts {
		has(fmt.Sprintf("fonts.%d", i), f.Blob)
	}
	for _, x := range []struct{ path, sha string }{{"logo", m.Logo}, {"catalogue", m.Catalogue}} {
		if x.sha != "" {
			has(x.path, x.sha)
		}
	}
}

// checkSchedule checks playlists, calendars and entries; ids are the slides.
func (m *Manifest) checkSchedule(p *Problems, ids map[string]bool) {
	lists := map[string]*Playlist{}
	for i := range m.Playlists {
		l, path := &m.Playlists[i], fmt.Sprintf("playlists.%d", i)
		if !ValidID(l.ID) || lists[l.ID] != nil {
			p.Add(path, "Mã danh sách trùng hoặc không hợp lệ.", "The playlist id is doubled or not valid.")
		}
		lists[l.ID] = l
		for _, it := range l.Items {
			if !ids[it.Slide] {
				p.Add(path, "Danh sách có trang không tồn tại: "+it.Slide, "The playlist names a slide that is not here: "+it.Slide)
			}
			if it.Dwell != 0 && clampDwell(it.Dwell).Milliseconds() != it.Dwell {
				p.Add(path, "Thời gian hiện của một trang phải từ 3 đến 600 giây: "+it.Slide, "The dwell time of a slide must be 3 to 600 seconds: "+it.Slide)
			}
		}
	}
	calendars := map[string]*Calendar{}
	for i := range m.Calendars {
		c, path := &m.Calendars[i], fmt.Sprintf("calendars.%d", i)
		c.Check(p, path)
		if calendars[c.ID] != nil {
			p.Add(path, "Mã lịch làm việc bị trùng.", "The calendar's id is doubled.")
		}
		calendars[c.ID] = c
	}
	if len(m.Schedule) > MaxEntries {
		p.Add("schedule", fmt.Sprintf("Có %d lịch phát, tối đa %d; hãy gộp bớt.", len(m.Schedule), MaxEntries),
			fmt.Sprintf("There are %d entries, at most %d; merge some.", len(m.Schedule), MaxEntries))
		return
	}
	entries := map[string]bool{}
	for i := range m.Schedule {
		e, path := &m.Schedule[i], fmt.Sprintf("schedule.%d", i)
		CheckEntry(e, p, path)
		checkNames(e, p, path, entries, lists, calendars)
	}
}

// CheckAudio reports what is wrong with recordings at path; typeOf is a stored
// blob's type.
func CheckAudio(list []AudioRef, p *Problems, path string, typeOf func(sha string) (string, bool)) {
	if len(list) > MaxAudio {
		p.Add(path, fmt.Sprintf("Tối đa %d bản ghi âm.", MaxAudio), fmt.Sprintf("At most %d recordings.", MaxAudio))
		return
	}
	seen := map[[2]string]bool{}
	for i, a := range list {
		at := fmt.Sprintf("%s.%d", path, i)
		if a.Of == "" || len(a.Of) > 200 || seen[[2]string{a.Of, a.Lang}] {
			p.Add(at, fmt.Sprintf("Bản ghi âm của %q thiếu tên màn hình hoặc bị lặp.", a.Of), fmt.Sprintf("The recording of %q names no screen, or is doubled.", a.Of))
		}
		seen[[2]string{a.Of, a.Lang}] = true
		Text{a.Lang: "x"}.Check(p, at, false, 1)
		switch kind, ok := typeOf(a.Blob); {
		case !ok:
			p.Add(at, "Tệp ghi âm chưa được tải lên.", "The recording's file is not there.")
		case !slices.Contains(AudioTypes, kind):
			p.Add(at, fmt.Sprintf("Bản ghi âm phải là tệp ogg hoặc mp3, không phải %q.", kind), fmt.Sprintf("A recording must be an ogg or mp3 file, not %q.", kind))
		}
	}
}
