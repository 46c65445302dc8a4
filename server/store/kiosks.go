package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"motcua/slides"
	"motcua/slides/chain"
	"motcua/slides/kinds"
	"motcua/slides/letter"
	"motcua/slides/wire"
)

// maxGroups bounds the groups of one kiosk.
const maxGroups = 20

func noKiosk(op, id string) error {
	return notFound(op, fmt.Sprintf("Không có ki-ốt %.64q.", id), fmt.Sprintf("There is no kiosk %.64q.", id))
}

const kioskColumns = `k.id, k.name, k.unit, k.counter, k.lang, k.audience, k.class, k.created, k.settings, k.screen, k.program, k.terminal,
	ifnull((SELECT group_concat(grp, ' ') FROM (SELECT grp FROM kiosk_groups WHERE kiosk = k.id ORDER BY grp)), ''), ifnull((SELECT json_group_array(tag) FROM (SELECT tag FROM kiosk_tags WHERE kiosk = k.id ORDER BY tag)), '[]'), kk.key, ifnull(kk.chain, x''), ifnull(kk.paired, 0)`

const kioskTables = " FROM kiosks k LEFT JOIN kiosk_keys kk ON kk.kiosk = k.id AND kk.retired = 0 "

// into lists where a row of kioskColumns goes; done finishes it.
func (k *Kiosk) into() (to []any, done func() error) {
	var screen, terminal, groups, tags string
	var key, c []byte
	return []any{&k.ID, &k.Name, &k.Unit, &k.Counter, &k.Lang, &k.Audience, &k.Class, &k.Created, &k.Settings, &screen, &k.Program, &terminal, &groups, &tags, &key, &c, &k.PairedAt}, func() error {
		k.Groups, k.Key, k.Paired = strings.Fields(groups), key, key != nil
		copy(k.Chain[:], c)
		if err := errors.Join(json.Unmarshal([]byte(tags), &k.Tags), json.Unmarshal([]byte(terminal), &k.Terminal)); err != nil {
			return err
		}
		return json.Unmarshal([]byte(screen), &k.Screen)
	}
}

func (t *txn) kiosk(op, id string) (k Kiosk, err error) {
	to, done := k.into()
	err = t.row("SELECT "+kioskColumns+kioskTables+"WHERE k.id = ?", id).Scan(to...)
	if errors.Is(err, sql.ErrNoRows) {
		return k, noKiosk(op, id)
	}
	if err == nil {
		err = done()
	}
	return k, err
}

// kiosks lists them all, by name.
func (t *txn) kiosks() (out []Kiosk, err error) {
	err = t.each("SELECT "+kioskColumns+kioskTables+"ORDER BY k.name, k.id", nil, func(rows *sql.Rows) error {
		var k Kiosk
		to, done := k.into()
		if err := rows.Scan(to...); err != nil {
			return err
		}
		err := done()
		out = append(out, k)
		return err
	})
	return out, err
}

// Kiosk finds a kiosk.
func (s *Store) Kiosk(ctx context.Context, id string) (k Kiosk, err error) {
	err = s.read(ctx, "store.Kiosk", func(t *txn) error {
		if k, err = t.kiosk("store.Kiosk", id); err != nil {
			return err
		}
		return t.works([]*Kiosk{&k})
	})
	return k, err
}

// Kiosks lists the kiosks of a unit and all below ("" all) with their state.
func (s *Store) Kiosks(ctx context.Context, unit string) ([]KioskStatus, error) {
	return s.statuses(ctx, "store.Kiosks", unit, "")
}

// KioskStatus is one kiosk with its state.
func (s *Store) KioskStatus(ctx context.Context, id string) (KioskStatus, error) {
	list, err := s.statuses(ctx, "store.KioskStatus", "", id)
	if err != nil {
		return KioskStatus{}, err
	}
	if len(list) == 0 {
		return KioskStatus{}, noKiosk("store.KioskStatus", id)
	}
	return list[0], nil
}

func (s *Store) statuses(ctx context.Context, op, unit, id string) (out []KioskStatus, err error) {
	err = s.read(ctx, op, func(t *txn) error {
		units, err := t.units(0)
		if err != nil {
			return err
		}
		names := map[string]slides.Text{}
		for _, u := range units {
			names[u.ID] = u.Name
		}
		var wanted map[string]bool
		cat, err := t.catalogue()
		if err != nil {
			return err
		}
		days, err := t.workdays(cat)
		if err != nil {
			return err
		}
		if unit != "" {
			if cat.units[unit] == nil {
				return noUnit(op, unit)
			}
			wanted = cat.below(unit, t.now)
		}
		if err := t.each("SELECT "+kioskColumns+`,
			ifnull(l.server, ''), ifnull(l.since, 0), ifnull(l.expires, 0),
			ifnull(st.seen, 0), ifnull(st.replaced, 0), ifnull(st.manifest, ''), ifnull(st.revision, 0), ifnull(st.health, ''), ifnull(st.health_at, 0),
			ifnull(st.pending, 0), ifnull(st.offset_ms, 0), ifnull(st.screenshot_at, 0),
			ifnull((SELECT max(0, st.head_seq - acked) FROM chains WHERE id = st.head_chain), 0),
			ifnull(m.id, ''), ifnull(m.revision, 0),
			(SELECT ifnull(sum(missing), 0) FROM chains WHERE kiosk = k.id), (SELECT ifnull(sum(ratings), 0) FROM chains WHERE kiosk = k.id AND kind = 1),
			(SELECT count(*) FROM forks WHERE chain IN (SELECT no FROM chains WHERE kiosk = k.id))`+kioskTables+`
			LEFT JOIN leases l ON l.kiosk = k.id
			LEFT JOIN kiosk_status st ON st.kiosk = k.id
			LEFT JOIN manifests m ON m.class = k.class AND m.revision = (SELECT max(revision) FROM manifests WHERE class = k.class)
			WHERE ?1 = '' OR k.id = ?1 ORDER BY k.name, k.id`, []any{id}, func(rows *sql.Rows) error {
			var k KioskStatus
			var health string
			var expires slides.Millis
			to, done := k.Kiosk.into()
			to = append(to, &k.Server, &k.Since, &expires, &k.LastSeen, &k.Replaced, &k.Has, &k.HasRevision, &health, &k.HealthAt,
				&k.Pending, &k.Offset, &k.ScreenshotAt, &k.Behind, &k.Should, &k.ShouldRevision, &k.Missing, &k.Ratings, &k.Forks)
			if err := rows.Scan(to...); err != nil {
				return err
			}
			if err := done(); err != nil {
				return err
			}
			if wanted != nil && !wanted[k.Unit] {
				return nil
			}
			k.UnitName, k.Zone = names[k.Unit], cat.zoneOf(k.Unit, t.now)
			k.Days = days(k.Unit)
			if k.Online = expires > t.now; !k.Online {
				k.Server, k.Since = "", 0
			}
			if health != "" {
				k.Health = &wire.Health{}
				if err := json.Unmarshal([]byte(health), k.Health); err != nil {
					return err
				}
			}
			out = append(out, k)
			return nil
		}); err != nil {
			return err
		}
		kiosks := make([]*Kiosk, len(out))
		for i := range out {
			kiosks[i] = &out[i].Kiosk
		}
		return t.works(kiosks)
	})
	return out, err
}

// KioskKeys lists a kiosk's pairings, newest first.
func (s *Store) KioskKeys(ctx context.Context, id string) (out []KioskKey, err error) {
	err = s.read(ctx, "store.KioskKeys", func(t *txn) error {
		return t.each("SELECT key, chain, paired, retired FROM kiosk_keys WHERE kiosk = ? ORDER BY paired DESC, retired = 0 DESC", []any{id}, func(rows *sql.Rows) error {
			k := KioskKey{Kiosk: id}
			var c []byte
			err := rows.Scan((*[]byte)(&k.Key), &c, &k.Paired, &k.Retired)
			copy(k.Chain[:], c)
			out = append(out, k)
			return err
		})
	})
	return out, err
}

// SignInKey is the key that may open a connection; kind Denied when unpaired,
// NotFound when unknown.
func (s *Store) SignInKey(ctx context.Context, id string) (key ed25519.PublicKey, err error) {
	const op = "store.SignInKey"
	err = s.read(ctx, op, func(t *txn) error {
		err := t.row("SELECT (SELECT key FROM kiosk_keys WHERE kiosk = k.id AND retired = 0) FROM kiosks k WHERE k.id = ?", id).Scan((*[]byte)(&key))
		if errors.Is(err, sql.ErrNoRows) {
			return noKiosk(op, id)
		}
		if err == nil && key == nil {
			return slides.E(slides.Denied, op, "Ki-ốt đã bị gỡ ghép nối; hãy ghép nối lại.", "The kiosk is no longer paired; pair it again.", nil)
		}
		return err
	})
	return key, err
}

// KioskChains is what the server has of each of the kiosk's chains, those of
// ratings first, newest pairing first: for the welcome.
func (s *Store) KioskChains(ctx context.Context, id string) (out []wire.ChainState, err error) {
	err = s.read(ctx, "store.KioskChains", func(t *txn) error {
		return t.each("SELECT id, acked, hash FROM chains WHERE kiosk = ? ORDER BY kind, no DESC", []any{id}, func(rows *sql.Rows) error {
			var c, h []byte
			var st wire.ChainState
			if err := rows.Scan(&c, &st.Seq, &h); err != nil {
				return err
			}
			copy(st.Chain[:], c)
			if st.Seq > 0 { // header 0 is the genesis, which both sides know
				copy(st.Hash[:], h)
			}
			out = append(out, st)
			return nil
		})
	})
	return out, err
}

// clean brings an edit to the stored form and checks it.
func (e *KioskEdit) clean(op string, t *txn) error {
	e.Name, e.Counter = slides.Clean(e.Name), slides.Clean(e.Counter)
	if e.Lang == "" {
		e.Lang = "vi"
	}
	if e.Audience == "" {
		e.Audience = slides.Public
	}
	var p slides.Problems
	if n := utf8.RuneCountInString(e.Name); n == 0 || n > maxName {
		p.Add("name", "Tên ki-ốt dài 1–100 ký tự.", "A kiosk's name has 1 to 100 characters.")
	}
	if e.Counter != "" && !slides.ValidID(e.Counter) {
		p.Add("counter", "Mã quầy chỉ gồm chữ thường không dấu, số, '-', '_', '.'.", "A counter's id is made of a-z, 0-9, '-', '_', '.'.")
	}
	if e.Audience != slides.Public && e.Audience != slides.Internal {
		p.Add("audience", "Đối tượng phải là công khai hoặc nội bộ.", "The audience must be public or internal.")
	}
	slides.Text{e.Lang: "x"}.Check(&p, "lang", false, 1)
	slices.Sort(e.Groups)
	e.Groups = slices.Compact(e.Groups)
	if len(e.Groups) > maxGroups || slices.ContainsFunc(e.Groups, func(g string) bool { return !slides.ValidID(g) }) {
		p.Add("groups", "Tối đa 20 nhóm; tên nhóm chỉ gồm chữ thường không dấu, số, '-', '_', '.'.", "At most 20 groups; a group's name is made of a-z, 0-9, '-', '_', '.'.")
	}
	e.Terminal.Check(&p, "terminal")
	if sha := e.Terminal.Photo(); slides.ValidSHA(sha) {
		ref, err := t.blobRef(op, sha)
		switch {
		case slides.KindOf(err) == slides.NotFound:
			p.Add("terminal.officer.photo", "Ảnh này không còn trong hệ thống; hãy chọn lại.", "This picture is no longer stored; choose it again.")
		case err != nil:
			return err
		case !kinds.IsPicture(ref.Type):
			p.Add("terminal.officer.photo", "Tệp này không phải là ảnh PNG hoặc JPEG; hãy chọn ảnh khác.", "This file is no PNG or JPEG picture; choose another.")
		}
	}
	var known bool
	if err := t.row("SELECT EXISTS (SELECT 1 FROM units WHERE id = ?)", e.Unit).Scan(&known); err != nil {
		return err
	}
	if !known {
		p.Add("unit", fmt.Sprintf("Không có đơn vị %.64q.", e.Unit), fmt.Sprintf("There is no unit %.64q.", e.Unit))
	}
	return p.Err(op)
}

// checkForms refuses rules that ask a questionnaire that is not there.
func (t *txn) checkForms(op string, rules []slides.FormRule) error {
	var p slides.Problems
	for i, r := range rules {
		unknown, err := t.fresher("SELECT 1 FROM items WHERE type = ? AND id = ? AND deleted = 0", SurveyItem, r.Form)
		if err != nil {
			return err
		}
		if unknown {
			p.Add(fmt.Sprintf("terminal.forms.%d", i), fmt.Sprintf("Không có phiếu %.64q.", r.Form), fmt.Sprintf("There is no questionnaire %.64q.", r.Form))
		}
	}
	return p.Err(op)
}

// place writes what staff decide of a kiosk, and gives it its class's manifest.
func (t *txn) place(a Actor, id string, e KioskEdit) error {
	was, err := t.kiosk("store.place", id)
	if err != nil {
		return err
	}
	terminal, err := json.Marshal(e.Terminal)
	if err != nil {
		return err
	}
	if err := t.exec("UPDATE kiosks SET name = ?, unit = ?, counter = ?, lang = ?, audience = ?, terminal = ?, settings = max(settings + 1, ?) WHERE id = ?",
		e.Name, e.Unit, e.Counter, e.Lang, e.Audience, string(terminal), t.now, id); err != nil {
		return err
	}
	if err := t.exec("DELETE FROM kiosk_groups WHERE kiosk = ?", id); err != nil {
		return err
	}
	for _, g := range e.Groups {
		if err := t.exec("INSERT INTO kiosk_groups VALUES (?, ?)", id, g); err != nil {
			return err
		}
	}
	if err := t.classify(a, id, was.Terminal.Photo()); err != nil {
		return err
	}
	return t.tell(Change{Kind: KioskChanged, Kiosk: id, Unit: e.Unit})
}

// UpdateKiosk changes a kiosk; when its class changes it gets that class's
// manifest with a new revision.
func (s *Store) UpdateKiosk(ctx context.Context, a Actor, id string, e KioskEdit) (k Kiosk, err error) {
	const op = "store.UpdateKiosk"
	err = s.write(ctx, op, func(t *txn) error {
		old, err := t.kiosk(op, id)
		if err != nil {
			return err
		}
		was := old.Edit()
		if e.Base != "" && e.Base != was.Mark() {
			return overtaken(op)
		}
		if err := e.clean(op, t); err != nil {
			return err
		}
		if err := t.checkForms(op, e.Terminal.Forms); err != nil {
			return err
		}
		if err := t.place(a, id, e); err != nil {
			return err
		}
		if err := t.audit(a, "kiosk.update", "kiosk:"+id, change(was, e)); err != nil {
			return err
		}
		k, err = t.kiosk(op, id)
		return err
	})
	return k, err
}

// Unpair retires the kiosk's key. Its older records may still be delivered
// after it is paired again.
func (s *Store) Unpair(ctx context.Context, a Actor, kiosk string) error {
	const op = "store.Unpair"
	return s.write(ctx, op, func(t *txn) error {
		if _, err := t.kiosk(op, kiosk); err != nil {
			return err
		}
		if err := t.retire(kiosk); err != nil {
			return err
		}
		return t.audit(a, "kiosk.unpair", "kiosk:"+kiosk, nil)
	})
}

// retire takes a kiosk's key out of use and tells it, so that connections end.
func (t *txn) retire(kiosk string) error {
	n, err := t.affect("UPDATE kiosk_keys SET retired = ? WHERE kiosk = ? AND retired = 0", t.now, kiosk)
	if err != nil || n == 0 {
		return err
	}
	return t.tell(Change{Kind: KioskUnpaired, Kiosk: kiosk})
}

// newChain begins a kiosk's chains under its key; it returns that of ratings.
func (t *txn) newChain(kiosk string, key ed25519.PublicKey) (id chain.ID, err error) {
	copy(id[:], randomBytes(len(id)))
	if err := t.startChain(id, ofRatings, kiosk, key); err != nil {
		return id, err
	}
	return id, t.startChain(letter.ChainOf(id), ofLetters, kiosk, key)
}

// startChain inserts a chain; one that is there stays.
func (t *txn) startChain(id chain.ID, kind chainKind, kiosk string, key ed25519.PublicKey) error {
	genesis := chain.Genesis(id, key)
	return t.exec("INSERT INTO chains (id, kind, kiosk, key, started, hash) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING", id[:], kind, kiosk, []byte(key), t.now, genesis[:])
}

// addLetterChains gives pairings that are older than letters their chain.
func (t *txn) addLetterChains() error {
	var have, want int
	if err := t.row("SELECT (SELECT count(*) FROM chains WHERE kind = 2 AND kiosk <> ''), (SELECT count(*) FROM kiosk_keys)").Scan(&have, &want); err != nil || have >= want {
		return err
	}
	var list []KioskKey
	if err := t.each("SELECT kiosk, key, chain FROM kiosk_keys", nil, func(rows *sql.Rows) error {
		var k KioskKey
		var c []byte
		err := rows.Scan(&k.Kiosk, (*[]byte)(&k.Key), &c)
		copy(k.Chain[:], c)
		list = append(list, k)
		return err
	}); err != nil {
		return err
	}
	for _, k := range list {
		if err := t.startChain(letter.ChainOf(k.Chain), ofLetters, k.Kiosk, k.Key); err != nil {
			return err
		}
	}
	return nil
}
