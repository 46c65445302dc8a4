package link

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"motcua/slides"
	"motcua/slides/wire"
)

// command hands a command to obey: the reader does not wait for a screenshot.
func (s *session) command(e *wire.Envelope) error {
	var c wire.Command
	if err := e.Read(&c); err != nil {
		return err
	}
	if c.Kiosk != s.kiosk || c.ID == "" {
		return nil
	}
	select {
	case s.commands <- c:
	default: // more than a server may have waiting; it sends them again
		s.hooks.Fault("link", "Quá nhiều lệnh cùng lúc; một lệnh bị bỏ qua.")
	}
	return nil
}

// obey carries commands out, one after the other.
func (s *session) obey(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case c := <-s.commands:
			if err := s.carryOut(ctx, c); err != nil {
				return err
			}
		}
	}
}

// carryOut does what a command asks, once, and says what came of it.
func (s *session) carryOut(ctx context.Context, c wire.Command) error {
	done := wire.Done{ID: c.ID, OK: true}
	switch {
	case s.carriedOut(c.ID):
		// The answer was lost on the way, or the server's note of it.
	case c.Expires <= s.now():
		done.OK, done.Vi, done.En = false, "Lệnh đã hết hạn.", "The command has expired."
	case c.Verb == wire.Reload, c.Verb == wire.Restart:
		// Noted first: after a restart it comes again, and is answered above. What
		// can't be noted is not done, or it would be done for ever.
		if err := s.note(c.ID); err != nil {
			done.OK, done.Vi, done.En = false, slides.Sentence(err, "vi"), slides.Sentence(err, "en")
		} else if c.Verb == wire.Reload {
			s.hooks.Reload()
		} else {
			s.hooks.Restart()
		}
	case s.hooks.Display != nil && (c.Verb == wire.DisplayOn || c.Verb == wire.DisplayOff):
		err := s.note(c.ID)
		if err == nil {
			err = s.hooks.Display(ctx, c.Verb == wire.DisplayOn)
		}
		if err != nil {
			done.OK, done.Vi, done.En = false, slides.Sentence(err, "vi"), slides.Sentence(err, "en")
		}
	case c.Verb == wire.Say && s.hooks.Say != nil:
		err := s.note(c.ID)
		if err == nil {
			err = s.hooks.Say(c.Announcement)
		}
		if err != nil {
			done.OK, done.Vi, done.En = false, slides.Sentence(err, "vi"), slides.Sentence(err, "en")
		}
	case c.Verb == wire.TakeScreenshot:
		return s.screenshot(ctx, c)
	case c.Verb == wire.Invite && s.hooks.Invite != nil:
		if err := s.invite(ctx, c); err != nil {
			done.OK, done.Vi, done.En = false, slides.Sentence(err, "vi"), slides.Sentence(err, "en")
		}
	default:
		done.OK, done.Vi, done.En = false, "Ki-ốt chưa biết lệnh này; hãy nâng cấp.", "The kiosk does not know this command; upgrade it."
	}
	return s.send(ctx, wire.TDone, done)
}

const commandsNote = "commands"

// carriedOut says whether a command was, on this or an earlier connection: a
// recorded command must not work twice.
func (s *session) carriedOut(id string) bool { return slices.Contains(s.noted(), id) }

func (s *session) noted() (ids []string) {
	if b := s.vault.Note(commandsNote); b != nil {
		_ = json.Unmarshal(b, &ids) // a damaged note only forgets ids, which also expire
	}
	return ids
}

func (s *session) note(id string) error {
	ids := append(s.noted(), id)
	// Commands live minutes and at most 32 wait: 200 reach far beyond both.
	ids = ids[max(0, len(ids)-200):]
	b, err := json.Marshal(ids)
	if err == nil {
		err = s.vault.SaveNote(commandsNote, b)
	}
	if err != nil {
		s.hooks.Fault("vault", slides.Sentence(err, "vi"))
	}
	return err
}

// invite shows the question, once, and says whether it is up.
func (s *session) invite(ctx context.Context, c wire.Command) error {
	within, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := s.hooks.Invite(within, c); err != nil {
		return err
	}
	_ = s.note(c.ID) // it expires within half a minute anyhow
	return nil
}

// screenshot answers with a picture of the screen.
func (s *session) screenshot(ctx context.Context, c wire.Command) error {
	done := wire.Done{ID: c.ID}
	if s.hooks.Shot == nil {
		done.Vi, done.En = "Ki-ốt này không chụp được màn hình.", "This kiosk can't take a screenshot."
		return s.send(ctx, wire.TDone, done)
	}
	within, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	img, err := s.hooks.Shot(within)
	if err == nil && len(img) > wire.MaxScreenshot {
		err = slides.E(slides.TooLarge, "link.screenshot", "Ảnh chụp quá lớn.", "The screenshot is too large.", nil)
	}
	if err != nil {
		done.Vi, done.En = slides.Sentence(err, "vi"), slides.Sentence(err, "en")
		return s.send(ctx, wire.TDone, done)
	}
	if err := s.send(ctx, wire.TScreenshot, wire.Screenshot{Command: c.ID, At: s.now(), Image: img}); err != nil {
		return err
	}
	_ = s.note(c.ID) // a picture taken twice does no harm
	done.OK = true
	return s.send(ctx, wire.TDone, done)
}
