package citizen

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"motcua/server/store"
	"motcua/slides"
	"motcua/slides/survey"
)

// offer is what a kiosk's class asks on phones: what its manifest says.
type offer struct {
	manifest *slides.Manifest
	zone     *time.Location
	forms    []*survey.Questionnaire
}

// offers remembers the newest manifest of each class as read.
type offers struct {
	mu sync.Mutex
	by map[string]kept // guarded by mu; by class
}

type kept struct {
	id    string
	offer *offer
}

// maxClasses bounds what is remembered.
const maxClasses = 200

// offer reads what a kiosk offers now. Kind NotFound: nothing is published for it.
func (p *Pages) offer(ctx context.Context, k *store.Kiosk) (*offer, error) {
	m, err := p.store.Manifest(ctx, k.Class)
	if err != nil {
		return nil, err
	}
	p.offers.mu.Lock()
	old, ok := p.offers.by[k.Class]
	p.offers.mu.Unlock()
	if ok && old.id == m.ID {
		return old.offer, nil
	}
	o := &offer{}
	if o.manifest, err = slides.ParseManifest(m.Bytes); err != nil {
		return nil, err
	}
	if o.zone, err = time.LoadLocation(o.manifest.Zone); err != nil {
		return nil, slides.E(slides.Corrupt, "citizen.offer", "Bản phát hành có múi giờ không đọc được.", "The manifest's zone can't be read.", err)
	}
	for _, ref := range o.manifest.Surveys {
		q, err := p.questionnaire(ctx, ref.Blob)
		if err != nil {
			return nil, err
		}
		o.forms = append(o.forms, q)
	}
	p.offers.mu.Lock()
	defer p.offers.mu.Unlock()
	if p.offers.by == nil || len(p.offers.by) >= maxClasses {
		p.offers.by = map[string]kept{}
	}
	p.offers.by[k.Class] = kept{m.ID, o}
	return o, nil
}

func (p *Pages) questionnaire(ctx context.Context, sha string) (*survey.Questionnaire, error) {
	b, err := p.store.Blob(ctx, sha)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	raw, err := io.ReadAll(io.LimitReader(b, survey.MaxQuestionnaire+1))
	if err != nil {
		return nil, slides.E(slides.Broken, "citizen.questionnaire", "Không đọc được phiếu khảo sát.", "The questionnaire can't be read.", err)
	}
	return survey.ParseQuestionnaire(raw)
}

// at is the questionnaire that the kiosk asks at a moment; nil where it has none.
func (o *offer) at(k *store.Kiosk, now slides.Millis) *survey.Questionnaire {
	id := k.Works.FormAt(now.Time().In(o.zone))
	for _, q := range o.forms {
		if q.ID == id {
			return q
		}
	}
	if len(o.forms) == 0 {
		return nil
	}
	return o.forms[0]
}

// asks says whether the kiosk asks a version of a form, or has asked it: no other
// form of the house.
func (o *offer) asks(form string, version int) bool {
	return slices.ContainsFunc(o.forms, func(q *survey.Questionnaire) bool {
		return q.ID == form && 0 < version && version <= q.Version
	})
}

// head fills in who is asking.
func (o *offer) head(k *store.Kiosk, pg *page) *page {
	pg.Unit, pg.Office, pg.Desk = o.manifest.Unit, o.manifest.Office, k.Works.Desk
	return pg
}
