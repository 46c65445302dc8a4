package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"motcua/server/compile"
	"motcua/slides"
	"motcua/slides/survey"
)

// Surveys lists questionnaires.
func (s *Store) Surveys(ctx context.Context) (out []SurveyRow, err error) {
	err = s.read(ctx, "store.Surveys", func(t *txn) error {
		return t.drafts(SurveyItem, "i.id", func(i Item, b []byte) error {
			r := SurveyRow{Item: i, Questionnaire: &survey.Questionnaire{}, SHA: slides.Sum(b)}
			err := json.Unmarshal(b, r.Questionnaire)
			out = append(out, r)
			return err
		})
	})
	return out, err
}

// SaveSurvey keeps a questionnaire; a version that was published can't be
// saved with other content.
func (s *Store) SaveSurvey(ctx context.Context, a Actor, unit string, q *survey.Questionnaire, base int) (r SurveyRow, err error) {
	const op = "store.SaveSurvey"
	err = s.write(ctx, op, func(t *txn) error {
		r.Questionnaire = q
		r.Item, err = t.saveSurvey(op, a, unit, q, base)
		return err
	})
	r.SHA = slides.Sum([]byte(toJSON(q)))
	return r, err
}

func (t *txn) saveSurvey(op string, a Actor, unit string, q *survey.Questionnaire, base int) (Item, error) {
	var p slides.Problems
	q.Check(&p)
	if err := p.Err(op); err != nil {
		return Item{}, err
	}
	d := jsonItem(SurveyItem, q.ID, unit, q.Title["vi"], q)
	var sha string
	err := t.row("SELECT sha FROM forms WHERE id = ? AND version = ?", q.ID, q.Version).Scan(&sha)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Item{}, err
	}
	if err == nil && sha != slides.Sum(d.bytes) {
		return Item{}, slides.E(slides.Conflict, op, fmt.Sprintf("Phiếu %q phiên bản %d đã phát hành và có thể đã có câu trả lời; hãy tăng số phiên bản.", q.ID, q.Version),
			fmt.Sprintf("Version %d of %q is published and may have answers; raise the version.", q.Version, q.ID), nil)
	}
	return t.saveOwned(op, a, d, base)
}

// Survey is one version that may have ratings (0: the newest).
func (s *Store) Survey(ctx context.Context, id string, version int) (q *survey.Questionnaire, err error) {
	const op = "store.Survey"
	err = s.read(ctx, op, func(t *txn) error {
		var b []byte
		err := t.row("SELECT bytes FROM forms WHERE id = ?1 AND (?2 = 0 OR version = ?2) ORDER BY version DESC LIMIT 1", id, version).Scan(&b)
		if errors.Is(err, sql.ErrNoRows) {
			return notFound(op, fmt.Sprintf("Không có phiếu khảo sát %q phiên bản %d.", id, version), fmt.Sprintf("There is no version %d of the questionnaire %q.", version, id))
		}
		if err != nil {
			return err
		}
		q = &survey.Questionnaire{}
		return json.Unmarshal(b, q)
	})
	return q, err
}

// Look is the draft of the look; before the first save a bare one of version 0.
func (s *Store) Look(ctx context.Context) (l compile.Look, i Item, err error) {
	err = s.read(ctx, "store.Look", func(t *txn) error {
		l, i, err = t.look()
		return err
	})
	return l, i, err
}

func (t *txn) look() (l compile.Look, i Item, err error) {
	ref := ItemRef{LookItem, LookID}
	i, err = t.item("store.Look", ref)
	if slides.KindOf(err) == slides.NotFound {
		return compile.Look{Languages: []string{"vi"}}, Item{ItemRef: ref, State: Draft}, nil
	}
	if err != nil {
		return l, i, err
	}
	b, err := t.version("store.Look", ref, 0)
	if err != nil {
		return l, i, err
	}
	return l, i, json.Unmarshal(b, &l)
}

// SaveLook keeps the look's draft.
func (s *Store) SaveLook(ctx context.Context, a Actor, l compile.Look, base int) (i Item, err error) {
	const op = "store.SaveLook"
	err = s.write(ctx, op, func(t *txn) error {
		i, err = t.saveLook(op, a, l, base)
		return err
	})
	return i, err
}

func (t *txn) saveLook(op string, a Actor, l compile.Look, base int) (Item, error) {
	var p slides.Problems
	if len(l.Languages) == 0 || l.Languages[0] != "vi" || len(l.Languages) > 20 {
		p.Add("languages", "Tiếng Việt (vi) phải đứng đầu danh sách ngôn ngữ, tối đa 20.", "Vietnamese (vi) must come first in the list of languages, at most 20.")
	}
	for _, tag := range l.Languages {
		slides.Text{tag: "x"}.Check(&p, "languages", false, 1)
	}
	if len(l.Hosts) > 200 {
		p.Add("qr_hosts", "Tối đa 200 tên miền.", "At most 200 hosts.")
	}
	var broken error
	slides.CheckAudio(l.Audio, &p, "audio", func(sha string) (string, bool) {
		ref, err := t.blobRef(op, sha)
		if err != nil && slides.KindOf(err) != slides.NotFound {
			broken = err
		}
		return ref.Type, err == nil
	})
	if broken != nil {
		return Item{}, broken
	}
	for _, sha := range append([]string{l.Logo}, blobsOf(l.Fonts)...) {
		if sha == "" {
			continue
		}
		if _, err := t.blobRef(op, sha); err != nil {
			if slides.KindOf(err) != slides.NotFound {
				return Item{}, err
			}
			p.Add("blobs", fmt.Sprintf("Tệp %.12s… chưa được tải lên.", sha), fmt.Sprintf("The file %.12s… was not uploaded.", sha))
		}
	}
	if err := p.Err(op); err != nil {
		return Item{}, err
	}
	return t.saveItem(op, a, jsonItem(LookItem, LookID, "", "look", l), base)
}

func blobsOf(fonts []slides.FontRef) []string {
	var out []string
	for _, f := range fonts {
		out = append(out, f.Blob)
	}
	return out
}
